/** Words shown to people. Chinese is the product; English has the same keys so that a translation can be switched on. */
import { createI18n } from 'vue-i18n'
import zh from './locales/zh-CN.json'

export type Words = typeof zh

export const i18n = createI18n<[Words], 'zh-CN', false>({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh },
})

/** The words outside a component. */
export const t = i18n.global.t
