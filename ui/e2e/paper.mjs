// A paper as it is printed: its text by pdftotext, and its pages as pictures by pdftoppm, in which ink can be counted.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, world } from './lib.mjs'

/** The paper that the page leads to; its pictures stay with the findings of the tests. */
export async function paper(page, name) {
  const link = page.getByRole('link', { name: '打开成文（PDF）' }).first()
  const answer = await page.request.get(new URL(await link.getAttribute('href'), world.url).href)
  const bytes = await answer.body()
  expect(bytes.subarray(0, 5).toString() === '%PDF-', 'the paper is no PDF')
  const file = join(world.output, `${name}.pdf`)
  writeFileSync(file, bytes)
  execFileSync('pdftoppm', ['-r', '60', file, join(world.output, name)])
  execFileSync('pdftoppm', ['-r', '80', '-png', file, join(world.output, name)])
  const pages = readdirSync(world.output)
    .filter((one) => one.startsWith(`${name}-`) && one.endsWith('.ppm'))
    .sort()
    .map((one) => pixels(readFileSync(join(world.output, one))))
  expect(pages.length > 0, 'the paper has no pages')
  return { text: execFileSync('pdftotext', ['-layout', file, '-']).toString(), pages }
}

/** A picture in the plainest of formats: P6, its size, its depth, and three bytes a point. */
function pixels(file) {
  const [whole, width, height] = /^P6\s+(\d+)\s+(\d+)\s+\d+\s/.exec(file.toString('latin1', 0, 64))
  return { width: Number(width), height: Number(height), points: file.subarray(whole.length) }
}

function red({ width, points }, fromRow, toRow) {
  let found = 0
  for (let at = fromRow * width * 3; at < toRow * width * 3; at += 3)
    if (points[at] > 160 && points[at + 1] < 110 && points[at + 2] < 110) found++
  return found
}

/** Red in the upper third of a page. */
export const head = (page) => red(page, 0, Math.floor(page.height / 3))

/** Red on all pages. */
export const inked = (pages) => pages.reduce((sum, page) => sum + red(page, 0, page.height), 0)
