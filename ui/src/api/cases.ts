/** Everything that is asked about one case, and what is done to it. */
import { call, callJson, client } from '@/api/client'
import type { Attachment, CaseView, Command, Facts, PMDoc } from '@/api/types'
import { useQueryClient } from '@tanstack/vue-query'

const path = (id: string) => ({ params: { path: { case: id } } })

export const fetchCase = (id: string) => call(client.GET('/api/v1/cases/{case}', path(id)))

export const fetchForecast = (id: string) =>
  call(client.GET('/api/v1/cases/{case}/forecast', path(id)))

export const fetchChanges = (id: string, since: number) =>
  call(
    client.GET('/api/v1/cases/{case}/changes', {
      params: { path: { case: id }, query: { since } },
    }),
  )

export const fetchDeliveries = (id: string) =>
  call(client.GET('/api/v1/cases/{case}/deliveries', path(id)))

export const fetchAudit = (id: string) => call(client.GET('/api/v1/cases/{case}/audit', path(id)))

export const verifyAudit = (id: string) =>
  call(client.POST('/api/v1/cases/{case}/audit/verify', path(id)))

export const saveWorking = (
  id: string,
  body: { fields: Facts; body?: PMDoc; base: number; after?: string | null },
) => call(client.PUT('/api/v1/cases/{case}/working', { ...path(id), body }))

export const startCase = (body: { workflow: string; kind?: string; title?: string }) =>
  call(client.POST('/api/v1/cases', { body }))

export const urgeDelivery = (caseId: string, id: string) =>
  call(
    client.POST('/api/v1/cases/{case}/deliveries/{id}/urge', {
      params: { path: { case: caseId, id } },
    }),
  )

export const withdrawDelivery = (caseId: string, id: string, reason: string) =>
  call(
    client.POST('/api/v1/cases/{case}/deliveries/{id}/withdraw', {
      params: { path: { case: caseId, id } },
      body: { reason },
    }),
  )

export const linkCase = (caseId: string, other: string) =>
  call(
    client.POST('/api/v1/cases/{case}/links', {
      ...path(caseId),
      body: { other, kind: 'answers' },
    }),
  )

export function attach(caseId: string, file: File): Promise<Attachment> {
  const form = new FormData()
  form.append('file', file)
  return callJson<Attachment>(`/api/v1/cases/${encodeURIComponent(caseId)}/attachments`, {
    method: 'POST',
    body: form,
  })
}

export const detach = (caseId: string, id: string) =>
  call(
    client.DELETE('/api/v1/cases/{case}/attachments/{id}', {
      params: { path: { case: caseId, id } },
    }),
  )

export const attachmentUrl = (caseId: string, id: string) =>
  `/api/v1/cases/${encodeURIComponent(caseId)}/attachments/${encodeURIComponent(id)}`
export const pdfUrl = (caseId: string) => `/api/v1/cases/${encodeURIComponent(caseId)}/pdf`
export const sheetUrl = (caseId: string) => `/api/v1/cases/${encodeURIComponent(caseId)}/sheet.pdf`

/** Acts on a case; what the lists and counts say is stale afterwards. */
export function useAct() {
  const queries = useQueryClient()
  return async (id: string, command: Command): Promise<CaseView> => {
    const view = await call(
      client.POST('/api/v1/cases/{case}/acts', { ...path(id), body: command }),
    )
    queries.setQueryData(['case', id], view)
    for (const key of ['worklist', 'counts', 'deliveries']) {
      void queries.invalidateQueries({ queryKey: [key] })
    }
    void queries.invalidateQueries({ queryKey: ['case', id, 'more'] })
    return view
  }
}
