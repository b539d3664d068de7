//! JSON Schema of the workflow file, for editors: completion and explanations in Chinese, for people who are no
//! developers. Three annotations are for the editor of our own: `examples` are offered as values, `x-values` names a
//! list that only the office or the file itself knows (steps, posts, units …), `x-insert` is what an item begins as.
//! What a schema cannot say (names that must exist, conditions, loops) is left to the compiler.

use super::{
    file::TYPES,
    step::{ACTS, CIRCULATE, HANDLE},
};
use crate::{value::FieldType, workflow::ActKind};
use serde_json::{Value, json};

/// What a new item of each kind begins as, in the order in which an editor offers them; `${…}` is what to overwrite.
const BEGINNINGS: &[(&str, &str)] = &[
    (
        "handle",
        "id: ${review}\ntitle: ${审核}\nask: ${请审核}\nby: { head_of: ${initiator.unit} }\ndue: ${2wd}",
    ),
    (
        "choose",
        "choose:\n  - when: ${条件}\n    steps: [${}]\n  - otherwise: [${}]\ntitle: ${分支名称}",
    ),
    (
        "parallel",
        "parallel:\n  - title: ${第一支}\n    steps: [${}]\n  - title: ${第二支}\n    steps: [${}]\ntitle: ${并行办理}",
    ),
    (
        "for_each",
        "for_each: { unit: ${doc.countersign_units} }\nid: ${countersign}\ntitle: ${会签}\nsteps:\n  - id: ${opinion}\n    title: ${会签}\n    by: { registry_of: unit }\n    claim: true",
    ),
    ("circulate", "circulate: { picked: ${readers} }\nid: ${read}\ntitle: ${传阅}"),
    ("effects", "do: [${dispatch, archive}]\ntitle: ${分发归档}"),
    (
        "test",
        "name: ${测的是什么}\nby: ${林晓}\ngiven: { title: ${标题} }\nplay:\n  - ${林晓} 提交 -> ${}",
    ),
    ("field", "{ title: ${中文名称}, type: ${text}, required: ${true} }"),
    ("pick", "{ title: ${承办单位}, units: true, lead: true, required: true }"),
];

/// The schema.
#[must_use]
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://wenshu.invalid/schema/workflow.json",
        "title": "文枢流程文件",
        "type": "object",
        "required": ["workflow", "title", "steps"],
        "oneOf": [{ "required": ["carries"] }, { "required": ["form"] }],
        "additionalProperties": false,
        "properties": {
            "workflow": id("流程的固定名称，例如 outgoing。只用小写字母、数字、“_”和“-”；启用后不再改，改了就是另一个流程"),
            "title": text("流程的中文名称，发起时和列表里显示，例如 发文办理"),
            "carries": { "const": "document", "description": "这个流程办理公文：写 document，字段用公文的字段（doc.字段）。与 form 只写一个" },
            "form": {
                "type": "object", "minProperties": 1, "additionalProperties": reference("field"),
                "propertyNames": { "pattern": "^[a-z][a-z0-9_]*$" },
                "description": "流程自己的表单，不办公文时用。每个字段写 字段名: { title: 中文名称, type: 类型 }，条件里写作 form.字段。与 carries 只写一个"
            },
            "defaults": strict("各环节的默认值：环节自己没有写的，照这里", &json!({
                "can": reference("can"), "send_back": reference("send_back"), "on_change": reference("on_change"),
                "when_empty": reference("when_empty")
            }), &[]),
            "steps": steps("从上到下依次办理的环节；写在前面的先办", 1),
            "tests": { "type": "array", "items": reference("test"), "description": "与流程一起保存的测试：设想一件怎么办，应当到谁手里。启用新版本前会全部运行，有一个不过就不能启用" }
        },
        "$defs": definitions()
    })
}

fn definitions() -> Value {
    let mut all = json!({
        "step": { "oneOf": [
            reference("handle"), reference("circulate"), reference("effects"), reference("choose"), reference("parallel"),
            reference("for_each")
        ] },
        "handle": handle(),
        "circulate": circulate(),
        "effects": strict("系统环节：由系统完成的公文动作", &json!({
            "do": effects(), "id": id("环节标识；可以不写"), "title": text("环节名称"), "next": step_name("完成后转到的环节；不写就是下面一个环节，end 表示办结")
        }), &["do"]),
        "choose": strict("分支选择：走第一个条件成立的分支", &json!({
            "choose": { "type": "array", "minItems": 1, "items": { "oneOf": [
                strict("条件成立时走的分支", &json!({
                    "when": {
                        "type": ["string", "boolean"], "x-values": "condition",
                        "description": "条件。例如 doc.urgency == \"特急\"；几个条件用 &&（并且）、||（或者）连接；人数、单位数用 size(doc.recipients) > 20"
                    },
                    "steps": steps("这一支的环节", 0)
                }), &["when", "steps"]),
                strict("其余情况", &json!({ "otherwise": steps("这一支的环节，可以是 []", 0) }), &["otherwise"])
            ] }, "description": "从上到下看条件，走第一个成立的一支；最后一支写 otherwise，是其余情况" },
            "id": id("标识；可以不写"), "title": text("名称，流程图上显示")
        }), &["choose"]),
        "parallel": strict("并行：各支同时办理，完成后汇合", &json!({
            "parallel": { "type": "array", "minItems": 2, "items": strict("一支", &json!({
                "title": text("这一支的名称"), "steps": steps("这一支的环节", 0)
            }), &["steps"]), "description": "各支" },
            "id": id("标识；可以不写"), "title": text("名称，流程图上显示"), "join": reference("join")
        }), &["parallel"]),
        "for_each": strict("对每个单位各办一支，完成后汇合", &json!({
            "for_each": {
                "type": "object", "minProperties": 1, "maxProperties": 1,
                "additionalProperties": { "type": "string", "pattern": r"^(doc|form|picked)\.[a-z0-9_]+$", "x-values": "unit_list" },
                "description": "对名单里的每个单位各走一遍。写 { unit: doc.countersign_units }：unit 是这一支的单位在里面的叫法，后面是名单来自哪个字段或哪个选择"
            },
            "lead": valued("主办单位是哪个：picked.选择名（选单位时标出的主办），或一个单位字段", "unit_list"),
            "id": id("标识；可以不写"), "title": text("名称，流程图上显示"), "join": reference("join"), "steps": steps("每个单位的环节", 1)
        }), &["for_each", "steps"]),
        "join": words("各支办到什么程度才往下走", &[("all", "全部完成"), ("any", "任一支完成，其余关闭")]),
        "on_change": words("有人签署以后文稿又改了，怎么办", &[("ask", "提醒签署人，可以重签"), ("keep", "意见继续有效")]),
        "can": {
            "type": "array", "minItems": 1, "items": each(ACTS, act),
            "examples": ["[approve, send_back, transfer, cc, circulate, urge]"],
            "description": "办理人可以做的事，写成 [approve, send_back]；不写时用 defaults 里的，再没有就是同意、退回、转办、抄送、传阅、催办、撤回"
        },
        "due": {
            "type": "string", "pattern": "^[1-9][0-9]*(wd|d|h)$", "examples": ["1wd", "2wd", "3wd", "5wd", "7wd", "20d", "8h"],
            "description": "办理时限：2wd 是两个工作日，20d 是二十个自然日，8h 是八小时；从交到手里算起"
        },
        "send_back": strict("退回的规则：可以退到哪里，退回后怎样返回", &json!({
            "to": one_or_more(&json!({ "type": "string", "x-values": "back", "description": "可以退到哪里：previous 上一环节、initiator 发起人，或前面的环节标识" })),
            "resume": words("退回的人改好以后怎样返回", &[("direct", "直接回到退回人手里"), ("stepwise", "中间的环节逐级重新办理"), ("ask", "由退回人在退回时选择")]),
            "siblings": words("从会签或并行的一支退出来时，其他各支怎么办", &[("keep", "其他各支继续办"), ("cancel", "其他各支取消，回来后重新办")])
        }), &[]),
        "when_empty": { "description": "按 by 找不到人时怎么办：stall 停下，等管理员处理；pass 跳过这个环节；或写另一个人员选择，改由他办理，例如 { role: flow-admin }", "anyOf": [
            { "const": "stall", "description": "停下，等流程管理员指定办理人" },
            { "const": "pass", "description": "跳过这个环节" }, reference("who")
        ] },
        "exclude": one_or_more(&json!({ "description": "即使按 by 选到也不办理的人，转办也不能转给他", "anyOf": [
            { "const": "initiator", "description": "发起人自己不办" },
            strict("办过某环节的人不办", &json!({ "did": step_name("环节标识") }), &["did"])
        ] })),
        "who": one_or_more(&reference("selector")),
        "unit": { "description": "哪个单位：发起人的单位 initiator.unit，逐个单位办理时这一支的单位，或公文、表单里的单位字段", "anyOf": [
            { "type": "string", "x-values": "unit", "description": "initiator.unit 发起人的单位、for_each 里的叫法、doc.单位字段；后面可加 .organ（所属机关）或 .parent（上级单位）" },
            strict("指定的一个单位", &json!({ "unit": valued("单位标识", "unit_id") }), &["unit"])
        ] },
        "pick": strict("办理人为后面环节作的选择：选人或选单位", &json!({
            "title": text("办理时显示的名称，例如 承办单位"),
            "people": { "description": "选人：any 从全体人员中选，或写一个人员选择，从这些人中选", "anyOf": [
                { "const": "any", "description": "从全体人员中选" }, reference("who")
            ] },
            "units": { "const": true, "description": "选单位：写 units: true" },
            "lead": flag("选单位时要标出一个主办单位"), "required": flag("不选就不能提交")
        }), &[]),
        "test": strict("一个测试：谁发起什么件，依次怎么办，每一步之后应当在谁手里", &json!({
            "name": text("说明测的是什么，不过的时候靠它看懂"), "by": valued("发起人：样例机关中的姓名", "sample_person"),
            "given": { "type": "object", "x-values": "given", "description": "发起时填好的字段，例如 { title: 关于…的通知, urgency: 加急 }；单位和人写名称" },
            "play": { "type": "array", "minItems": 1, "items": { "type": "string", "pattern": "->" },
                "description": "一行一步：谁 做什么 -> 之后在谁手里。例如 周明 同意 -> 财政局@会签, 司法局@会签；箭头后面可以写 办结、停滞、无" }
        }), &["name", "by", "play"]),
        "field": strict("表单字段", &json!({
            "title": text("中文名称"), "type": described("字段的类型", each(TYPES, field_type)), "required": flag("必填：不填不能提交"),
            "options": { "type": "array", "minItems": 1, "uniqueItems": true, "items": { "type": "string" }, "description": "type: choice 时可选的值，写成 [年假, 病假]" }
        }), &["type"])
    });
    if let Value::Object(all) = &mut all {
        all.insert("selector".into(), selector());
    }
    for (name, begins) in BEGINNINGS {
        all[name]["x-insert"] = json!(begins);
    }
    all
}

fn handle() -> Value {
    let properties = json!({
        "id": id("环节标识：文件中唯一，退回、转到和测试用它指这个环节；在办的件也靠它，启用后不要随意改"),
        "title": text("环节名称，办理人和流程图上看到，例如 处室审核"), "ask": text("待办里对办理人说的话，例如 请审核；默认是“请”加环节名称"),
        "by": reference("who"),
        "edit": fields("办理人在这个环节可以修改的字段，写成 [title, body]；不写就不能改"),
        "require": fields("同意（提交）前必须填好的字段，没有填好时不让过"),
        "can": reference("can"),
        "claim": flag("几个人中一人办理：待办给所有人看见，谁先认领谁办。适合收发岗、值班岗"),
        "vote": words("选到几个人时怎样算通过", &[("all", "会签：全部同意才通过"), ("any", "或签：一个人决定就行")]),
        "on_refuse": words("有人不同意时怎么办", &[("end", "办件就此结束"), ("send_back", "退回到前面"), ("go_on", "继续往下走，不同意的意见记录在案")]),
        "on_change": reference("on_change"), "send_back": reference("send_back"), "due": reference("due"),
        "pick": { "type": "object", "additionalProperties": reference("pick"), "description": "办理人为后面的环节选人或选单位，例如 handlers: { title: 承办单位, units: true, lead: true }；后面用 picked.handlers 或 { picked: 名 } 引用" },
        "do": effects(), "next": step_name("同意后转到哪个环节；不写就是下面一个。只能在同一支之内，end 表示办结"),
        "when_empty": reference("when_empty"), "exclude": reference("exclude")
    });
    debug_assert_eq!(
        properties.as_object().map(serde_json::Map::len),
        Some(HANDLE.len()),
        "the schema knows every key"
    );
    strict("办理环节：由人办理", &properties, &["id", "title", "by"])
}

fn circulate() -> Value {
    let properties = json!({
        "circulate": described("传给哪些人阅", reference("who")), "id": id("环节标识；可以不写"), "title": text("环节名称"), "ask": text("对读者说的话，默认 请阅"),
        "wait": flag("true 等所有人阅后再往下走；默认 false，传出去就往下走"), "due": reference("due"), "next": step_name("之后转到哪个环节；不写就是下面一个"),
        "when_empty": reference("when_empty"), "exclude": reference("exclude")
    });
    debug_assert_eq!(
        properties.as_object().map(serde_json::Map::len),
        Some(CIRCULATE.len()),
        "the schema knows every key"
    );
    strict("传阅环节：读者阅知", &properties, &["circulate"])
}

fn selector() -> Value {
    let unit = |description: &str| described(description, reference("unit"));
    let kinds = [
        (
            "head_of",
            "单位负责人：写哪个单位；level: 2 是上一级单位的负责人",
            "head_of: ${initiator.unit}",
            json!({ "head_of": unit("哪个单位的负责人，例如 initiator.unit"), "level": {
                "type": "integer", "minimum": 1, "maximum": 9, "examples": [1, 2],
                "description": "1 本单位负责人，2 上一级单位负责人，依此类推；不写是 1"
            } }),
        ),
        (
            "in_charge_of",
            "分管领导：分管这个单位的领导；加 topic 按专题分管",
            "in_charge_of: ${initiator.unit}",
            json!({
                "in_charge_of": unit("由分管哪个单位的领导办理，例如 initiator.unit"),
                "topic": valued("按分管专题找领导：写专题名称（例如 财政），或写单行文字、单选字段（例如 form.matter），由填写的内容决定；单位没有单列这一专题的，仍由分管领导办理", "topic")
            }),
        ),
        (
            "registry_of",
            "收发岗（办公室）：这个单位负责收发的岗位",
            "registry_of: ${initiator.unit.organ}",
            json!({ "registry_of": unit("哪个单位的收发岗，例如 initiator.unit.organ") }),
        ),
        (
            "post",
            "某单位的某个岗位：在岗的人都算",
            "post: ${科长}, of: ${initiator.unit}",
            json!({ "post": valued("岗位名称，例如 科长", "post"), "of": unit("哪个单位的这个岗位") }),
        ),
        (
            "role",
            "某个角色的全体人员",
            "role: ${flow-admin}",
            json!({ "role": valued("角色名", "role") }),
        ),
        (
            "user",
            "指定的一个人；人调走后流程要改，能用岗位就不用它",
            "user: ${人员标识}",
            json!({ "user": valued("人员标识", "person_id") }),
        ),
        (
            "keeper_of",
            "印章保管人：这个单位的印章由谁保管",
            "keeper_of: ${doc.organ}",
            json!({ "keeper_of": unit("哪个单位的印章保管人，例如 doc.organ") }),
        ),
        (
            "picked",
            "前面环节的办理人选定的人",
            "picked: ${readers}",
            json!({ "picked": valued("前面环节 pick 里的名字", "picked") }),
        ),
        (
            "did",
            "办过前面某个环节的人",
            "did: ${head}",
            json!({ "did": step_name("前面的环节标识") }),
        ),
        (
            "field",
            "公文或表单里人员字段填的人",
            "field: ${form.who}",
            json!({ "field": valued("人员字段，例如 form.who", "people_field") }),
        ),
    ];
    let mut any = vec![json!({ "const": "initiator", "description": "发起人自己" })];
    for (name, description, insert, mut properties) in kinds {
        if let Value::Object(all) = &mut properties {
            all.insert("exclude".into(), reference("exclude"));
            all.insert("when_empty".into(), reference("when_empty"));
        }
        let required: &[&str] = if name == "post" { &["post", "of"] } else { &[name] };
        let mut one = strict(description, &properties, required);
        if let Value::Object(all) = &mut one {
            all.insert("x-insert".into(), json!(format!("{{ {insert} }}")));
        }
        any.push(one);
    }
    json!({ "anyOf": any, "description": "由谁办理。写一个人员选择，例如 { head_of: initiator.unit }，或写成几个的列表" })
}

/// What an act allows, said to whoever writes flows.
const fn act(kind: ActKind) -> &'static str {
    match kind {
        ActKind::Approve => "同意；拟稿环节是提交",
        ActKind::Refuse => "不同意，结果按 on_refuse",
        ActKind::SendBack => "退回，退到哪里按 send_back",
        ActKind::Transfer => "转办：交给别人办，自己不再办",
        ActKind::Cc => "抄送：请人知道，不需要办理",
        ActKind::Circulate => "传阅：请人阅知，阅后留痕",
        ActKind::Withdraw => "撤回：发起人在别人打开之前收回",
        ActKind::Urge => "催办：提醒现在的办理人",
        ActKind::Terminate => "终止：办件就此结束",
    }
}

const fn field_type(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "一行文字",
        FieldType::LongText => "多行文字",
        FieldType::Texts => "几项文字",
        FieldType::Number => "数字",
        FieldType::Bool => "是或否",
        FieldType::Date => "日期",
        FieldType::Choice => "从几个选项（options）中选一个",
        FieldType::Unit => "一个单位",
        FieldType::Units => "几个单位",
        FieldType::Person => "一个人",
        FieldType::People => "几个人",
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "description": description })
}

fn id(description: &str) -> Value {
    json!({ "type": "string", "pattern": "^[a-z0-9_-]{1,64}$", "description": description })
}

/// A text out of a list that the office or the file knows.
fn valued(description: &str, values: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "description": description, "x-values": values })
}

fn step_name(description: &str) -> Value {
    valued(description, "step")
}

/// The same rule, explained for where it stands.
fn described(description: &str, mut rule: Value) -> Value {
    if let Value::Object(all) = &mut rule {
        all.insert("description".into(), json!(description));
    }
    rule
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn fields(description: &str) -> Value {
    json!({ "type": "array", "minItems": 1, "description": description, "items": { "type": "string", "x-values": "field" } })
}

fn steps(description: &str, least: u32) -> Value {
    json!({ "type": "array", "minItems": least, "items": reference("step"), "description": description })
}

fn effects() -> Value {
    let one = json!({ "type": "string", "x-values": "effect" });
    json!({
        "description": "由系统完成的公文动作，依次执行，写成 [number, finalise]：number 编号、finalise 定稿、red_head 套红、seal 用印、dispatch 分发、archive 归档",
        "anyOf": [one, { "type": "array", "minItems": 1, "items": one }]
    })
}

fn words(description: &str, all: &[(&str, &str)]) -> Value {
    let each: Vec<_> =
        all.iter().map(|(word, means)| json!({ "const": word, "description": means })).collect();
    json!({ "description": description, "oneOf": each })
}

fn one_or_more(item: &Value) -> Value {
    json!({ "anyOf": [item, { "type": "array", "minItems": 1, "items": item }] })
}

fn strict(description: &str, properties: &Value, required: &[&str]) -> Value {
    json!({
        "type": "object", "description": description, "properties": properties, "required": required,
        "additionalProperties": false
    })
}

fn each<T: Copy>(all: &[(&str, T)], means: fn(T) -> &'static str) -> Value {
    let one: Vec<_> = all
        .iter()
        .map(|(name, kind)| json!({ "const": name, "description": means(*kind) }))
        .collect();
    json!({ "oneOf": one })
}
