/** Short words after an act; refusals stay longer and are read aloud. */
import { words } from '@/api/problem'
import { ElMessage } from 'element-plus/es/components/message/index'
import 'element-plus/es/components/message/style/css'

export const tell = {
  done: (text: string) => ElMessage({ message: text, type: 'success', duration: 4000 }),
  note: (text: string) => ElMessage({ message: text, type: 'info', duration: 5000 }),
  refusal: (error: unknown) =>
    ElMessage({ message: words(error), type: 'error', duration: 9000, showClose: true }),
}
