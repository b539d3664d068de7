//! The fifteen kinds 文种 of 《党政机关公文处理工作条例》 art. 8, and which way a document travels.

use serde::{Deserialize, Serialize};

/// A kind 文种.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Resolution,
    Decision,
    Order,
    Communique,
    Announcement,
    PublicNotice,
    Opinion,
    Notice,
    Circular,
    Report,
    Request,
    Reply,
    Bill,
    Letter,
    Minutes,
}

/// Which way a document travels 行文方向. Kept per document, because 意见 and 通知 go several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// 上行, to a superior.
    Up,
    /// 下行, to subordinates.
    Down,
    /// 平行, to organs that are neither.
    Level,
    /// 公布, to everybody.
    Public,
}

impl Kind {
    /// All kinds in the order of the regulation.
    pub const ALL: [Kind; 15] = [
        Kind::Resolution,
        Kind::Decision,
        Kind::Order,
        Kind::Communique,
        Kind::Announcement,
        Kind::PublicNotice,
        Kind::Opinion,
        Kind::Notice,
        Kind::Circular,
        Kind::Report,
        Kind::Request,
        Kind::Reply,
        Kind::Bill,
        Kind::Letter,
        Kind::Minutes,
    ];

    /// The word that ends the title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Kind::Resolution => "决议",
            Kind::Decision => "决定",
            Kind::Order => "命令",
            Kind::Communique => "公报",
            Kind::Announcement => "公告",
            Kind::PublicNotice => "通告",
            Kind::Opinion => "意见",
            Kind::Notice => "通知",
            Kind::Circular => "通报",
            Kind::Report => "报告",
            Kind::Request => "请示",
            Kind::Reply => "批复",
            Kind::Bill => "议案",
            Kind::Letter => "函",
            Kind::Minutes => "纪要",
        }
    }

    /// The kind of that Chinese name; 令 is 命令, 复函 is 函.
    #[must_use]
    pub fn from_title(title: &str) -> Option<Kind> {
        match title.trim() {
            "令" | "命令（令）" => Some(Kind::Order),
            "复函" => Some(Kind::Letter),
            other => Kind::ALL.into_iter().find(|kind| kind.title() == other),
        }
    }

    /// The kind that a title says at its end.
    #[must_use]
    pub fn of_title(title: &str) -> Option<Kind> {
        let title = title.trim();
        Kind::ALL.into_iter().find(|kind| kind.ends(title))
    }

    /// Whether `title` ends with this kind.
    #[must_use]
    pub fn ends(self, title: &str) -> bool {
        let title = title.trim();
        title.ends_with(self.title()) || (self == Kind::Order && title.ends_with('令'))
    }

    /// The way this kind usually travels.
    #[must_use]
    pub fn direction(self) -> Direction {
        match self {
            Kind::Report | Kind::Request | Kind::Bill => Direction::Up,
            Kind::Letter => Direction::Level,
            Kind::Communique | Kind::Announcement | Kind::PublicNotice => Direction::Public,
            Kind::Resolution
            | Kind::Decision
            | Kind::Order
            | Kind::Opinion
            | Kind::Notice
            | Kind::Circular
            | Kind::Reply
            | Kind::Minutes => Direction::Down,
        }
    }

    /// A main recipient must be named (条例 art. 9(8); the published kinds, resolutions, orders and minutes go without).
    #[must_use]
    pub fn needs_recipient(self) -> bool {
        match self {
            Kind::Notice
            | Kind::Report
            | Kind::Request
            | Kind::Reply
            | Kind::Letter
            | Kind::Bill => true,
            Kind::Resolution
            | Kind::Decision
            | Kind::Order
            | Kind::Communique
            | Kind::Announcement
            | Kind::PublicNotice
            | Kind::Opinion
            | Kind::Circular
            | Kind::Minutes => false,
        }
    }

    /// The usual closing phrase, a habit and never a rule.
    #[must_use]
    pub fn closing(self) -> Option<&'static str> {
        match self {
            Kind::Request => Some("妥否，请批示。"),
            Kind::Reply => Some("此复。"),
            Kind::Report => Some("特此报告。"),
            Kind::Letter => Some("请函复。"),
            Kind::Resolution
            | Kind::Decision
            | Kind::Order
            | Kind::Communique
            | Kind::Announcement
            | Kind::PublicNotice
            | Kind::Opinion
            | Kind::Notice
            | Kind::Circular
            | Kind::Bill
            | Kind::Minutes => None,
        }
    }
}

impl Direction {
    /// All directions.
    pub const ALL: [Direction; 4] =
        [Direction::Up, Direction::Down, Direction::Level, Direction::Public];

    /// Chinese name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Direction::Up => "上行",
            Direction::Down => "下行",
            Direction::Level => "平行",
            Direction::Public => "公布",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_tells_its_kind() {
        assert_eq!(Kind::of_title("云州市人民政府关于加强防汛工作的通知"), Some(Kind::Notice));
        assert_eq!(Kind::of_title("云州市人民政府令"), Some(Kind::Order));
        assert_eq!(Kind::of_title("关于同意设立物流园区的复函"), Some(Kind::Letter));
        assert_eq!(Kind::of_title("云州市防汛工作方案"), None);
    }

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_title(kind.title()), Some(kind));
        }
    }
}
