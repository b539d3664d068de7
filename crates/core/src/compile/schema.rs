//! JSON Schema of the workflow file, for editors: completion and explanations in Chinese. What a schema cannot say
//! (names that must exist, conditions, loops) is left to the compiler.

use super::{
    file::TYPES,
    step::{ACTS, CIRCULATE, HANDLE},
};
use serde_json::{Value, json};

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
            "workflow": id("流程的固定名称，小写字母、数字、“_”和“-”"),
            "title": text("流程的中文名称"),
            "carries": { "const": "document", "description": "办理公文；与 form 只写一个" },
            "form": {
                "type": "object", "minProperties": 1, "additionalProperties": reference("field"),
                "propertyNames": { "pattern": "^[a-z][a-z0-9_]*$" },
                "description": "流程自己的表单：字段名: { title, type, … }；与 carries 只写一个"
            },
            "defaults": strict("各环节的默认值", &json!({
                "can": reference("can"), "send_back": reference("send_back"), "on_change": reference("on_change"),
                "when_empty": reference("when_empty")
            }), &[]),
            "steps": steps("从上到下依次办理的环节", 1),
            "tests": { "type": "array", "items": reference("test"), "description": "与流程一起保存的测试，部署时运行" }
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
            "do": effects(), "id": id("环节标识"), "title": text("环节名称"), "next": text("完成后转到的环节")
        }), &["do"]),
        "choose": strict("分支选择：走第一个条件成立的分支", &json!({
            "choose": { "type": "array", "minItems": 1, "items": { "oneOf": [
                strict("条件成立时走的分支", &json!({
                    "when": { "type": ["string", "boolean"], "description": "条件（CEL），例如 doc.urgency == \"特急\"" },
                    "steps": steps("这一支的环节", 0)
                }), &["when", "steps"]),
                strict("其余情况", &json!({ "otherwise": steps("这一支的环节，可以是 []", 0) }), &["otherwise"])
            ] }, "description": "分支，最后一个是 otherwise" },
            "id": id("标识"), "title": text("名称")
        }), &["choose"]),
        "parallel": strict("并行：各支同时办理，完成后汇合", &json!({
            "parallel": { "type": "array", "minItems": 2, "items": strict("一支", &json!({
                "title": text("这一支的名称"), "steps": steps("这一支的环节", 0)
            }), &["steps"]), "description": "各支" },
            "id": id("标识"), "title": text("名称"), "join": reference("join")
        }), &["parallel"]),
        "for_each": strict("对每个单位各办一支，完成后汇合", &json!({
            "for_each": {
                "type": "object", "minProperties": 1, "maxProperties": 1,
                "additionalProperties": { "type": "string", "pattern": r"^(doc|form|picked)\.[a-z0-9_]+$" },
                "description": "变量名: doc.字段、form.字段或 picked.选择"
            },
            "lead": text("主办单位：picked.选择 或一个单位字段"),
            "id": id("标识"), "title": text("名称"), "join": reference("join"), "steps": steps("每个单位的环节", 1)
        }), &["for_each", "steps"]),
        "join": words("汇合规则", &[("all", "全部完成"), ("any", "任一支完成，其余关闭")]),
        "on_change": words("签署后文稿有改动", &[("ask", "提醒签署人，可以重签"), ("keep", "意见继续有效")]),
        "can": { "type": "array", "minItems": 1, "items": { "enum": names(ACTS) }, "description": "办理人可以做的事" },
        "due": { "type": "string", "pattern": "^[1-9][0-9]*(wd|d|h)$", "description": "时限：2wd 工作日，20d 自然日，8h 小时" },
        "send_back": strict("退回规则", &json!({
            "to": one_or_more(&json!({ "type": "string", "description": "previous 上一环节、initiator 发起人，或环节标识" })),
            "resume": words("退回后怎样返回", &[("direct", "直接回到退回人"), ("stepwise", "逐级重新办理"), ("ask", "由退回人选择")]),
            "siblings": words("退出块时其他分支", &[("keep", "继续"), ("cancel", "取消")])
        }), &[]),
        "when_empty": { "description": "找不到人时：stall 停滞，pass 跳过，或改由谁办理", "anyOf": [
            { "enum": ["stall", "pass"] }, reference("who")
        ] },
        "exclude": one_or_more(&json!({ "description": "排除的人", "anyOf": [
            { "const": "initiator" }, strict("办过某环节的人", &json!({ "did": text("环节标识") }), &["did"])
        ] })),
        "who": one_or_more(&reference("selector")),
        "unit": { "description": "一个单位", "anyOf": [
            { "type": "string", "description": "initiator.unit、for_each 的变量、doc.单位字段，后面可加 .organ（所属机关）或 .parent（上级）" },
            strict("指定单位", &json!({ "unit": text("单位标识") }), &["unit"])
        ] },
        "pick": strict("办理人为后面环节作的选择", &json!({
            "title": text("名称"),
            "people": { "description": "选人：any 任何人，或从这些人中选", "anyOf": [{ "const": "any" }, reference("who")] },
            "units": { "const": true, "description": "选单位" },
            "lead": flag("要标出主办单位"), "required": flag("必须选")
        }), &[]),
        "test": strict("一个测试", &json!({
            "name": text("说明测什么"), "by": text("发起人：样例机关中的姓名"),
            "given": { "type": "object", "description": "字段的值；单位写简称" },
            "play": { "type": "array", "minItems": 1, "items": { "type": "string", "pattern": "->" },
                "description": "一行一步：谁 动作 -> 之后谁在办" }
        }), &["name", "by", "play"]),
        "field": strict("表单字段", &json!({
            "title": text("中文名称"), "type": { "enum": names(TYPES), "description": "类型" }, "required": flag("必填"),
            "options": { "type": "array", "minItems": 1, "uniqueItems": true, "items": { "type": "string" }, "description": "choice 的选项" }
        }), &["type"])
    });
    if let Value::Object(all) = &mut all {
        all.insert("selector".into(), selector());
    }
    all
}

fn handle() -> Value {
    let properties = json!({
        "id": id("环节标识，文件中唯一"), "title": text("环节名称"), "ask": text("对办理人说的话，默认“请”加名称"),
        "by": reference("who"),
        "edit": list("办理人可以修改的字段"), "require": list("同意前必须填好的字段"),
        "can": reference("can"),
        "claim": flag("作为一件待办给所有人，先认领者办理"),
        "vote": words("几个人怎样算通过", &[("all", "会签：全部同意"), ("any", "或签：一人决定")]),
        "on_refuse": words("不同意时", &[("end", "办件终结"), ("send_back", "退回"), ("go_on", "继续，记录在案")]),
        "on_change": reference("on_change"), "send_back": reference("send_back"), "due": reference("due"),
        "pick": { "type": "object", "additionalProperties": reference("pick"), "description": "为后面环节作的选择：名: { … }" },
        "do": effects(), "next": text("同意后转到的环节，只能在同一个块内"),
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
        "circulate": reference("who"), "id": id("标识"), "title": text("名称"), "ask": text("对读者说的话"),
        "wait": flag("等所有人阅后再往下走"), "due": reference("due"), "next": text("之后转到的环节"),
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
    let unit = reference("unit");
    let kinds = [
        ("user", json!({ "user": text("人员标识") })),
        ("role", json!({ "role": text("角色名") })),
        ("post", json!({ "post": text("岗位职务"), "of": unit })),
        ("registry_of", json!({ "registry_of": unit })),
        (
            "head_of",
            json!({ "head_of": unit, "level": { "type": "integer", "minimum": 1, "maximum": 9, "description": "1 本单位负责人，2 上一级，依此类推" } }),
        ),
        ("in_charge_of", json!({ "in_charge_of": unit })),
        ("keeper_of", json!({ "keeper_of": unit })),
        ("picked", json!({ "picked": text("前面环节选定的人") })),
        ("did", json!({ "did": text("办过该环节的人") })),
        ("field", json!({ "field": text("人员字段，例如 form.who") })),
    ];
    let mut any = vec![json!({ "const": "initiator", "description": "发起人" })];
    for (name, mut properties) in kinds {
        if let Value::Object(all) = &mut properties {
            all.insert("exclude".into(), reference("exclude"));
            all.insert("when_empty".into(), reference("when_empty"));
        }
        let required: &[&str] = if name == "post" { &["post", "of"] } else { &[name] };
        any.push(strict("人员选择器", &properties, required));
    }
    json!({ "anyOf": any, "description": "由谁办理" })
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

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn list(description: &str) -> Value {
    json!({ "type": "array", "minItems": 1, "items": { "type": "string" }, "description": description })
}

fn steps(description: &str, least: u32) -> Value {
    json!({ "type": "array", "minItems": least, "items": reference("step"), "description": description })
}

fn effects() -> Value {
    json!({
        "description": "公文动作，依次执行：number 编号、finalise 定稿、red_head 套红、seal 用印、dispatch 分发、archive 归档",
        "anyOf": [{ "type": "string" }, { "type": "array", "minItems": 1, "items": { "type": "string" } }]
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

fn names<T>(all: &[(&str, T)]) -> Vec<String> {
    all.iter().map(|(name, _)| (*name).to_owned()).collect()
}
