// How a sentence names somebody in an office.
import type { Seat } from '@/api/types'

/** 张三（财政局 局长）, or 财政局 收发岗 while nobody in particular has it. */
export function seatLabel(seat: Seat): string {
  return seat.person
    ? `${seat.person.name}（${seat.unit_name} ${seat.title}）`
    : `${seat.unit_name} ${seat.title}`
}

/** Short: 张三, or 财政局收发岗. */
export function seatName(seat: Seat): string {
  return seat.person ? seat.person.name : `${seat.unit_name}${seat.title}`
}
