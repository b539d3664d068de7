/** What a new flow begins as: short, and whole enough to be tried. */
export const BEGINNING = `# 每个环节写清：标识 id、名称 title、由谁办理 by。按 Ctrl+空格 可以看到能写什么。
workflow: my-flow
title: 新流程
form:
  subject: { title: 事项, type: text, required: true }
  reason: { title: 说明, type: long_text }
steps:
  - id: draft
    title: 填写
    by: initiator
    edit: [subject, reason]

  - id: head
    title: 负责人审批
    by: { head_of: initiator.unit, exclude: initiator }
    due: 2wd

tests:
  - name: 负责人同意后办结
    by: 林晓
    given: { subject: 试一试 }
    play:
      - 林晓 提交 -> 周明@负责人审批
      - 周明 同意 -> 办结
`
