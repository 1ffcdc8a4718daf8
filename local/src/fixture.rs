//! An inventory and its receipt, for tests.

use std::collections::BTreeMap;

use dodolens::{
    crypto::receipt::ReceiptKeys,
    domain::{
        evidence::Gap,
        inventory::{
            Advice, Cost, Details, Inventory, Line, Load, RoomLines, SCHEMA, Seen, Topic, Transport,
        },
        locale::Locale,
        receipt::{
            ErasureReason, ErasureReceipt, ErasureStatement, PartsFate, SCHEMA as STATEMENT,
        },
        time::Timestamp,
    },
};

/// 2026-11-21T01:00:00Z
pub const NOW: Timestamp = Timestamp::from_millis(1_795_222_800_000);

/// A sofa and two lamps in the living room, a kiln that nobody knows where to put, and a wardrobe that stays.
pub fn inventory() -> Inventory {
    let said = Details {
        said: true,
        ..Details::default()
    };
    let undecided = Details {
        unsure: true,
        ..said.clone()
    };
    Inventory {
        schema: SCHEMA.to_owned(),
        locale: Locale::En,
        rooms: vec![
            room(
                Some("living_room"),
                [
                    ("sofa_3_seat", line(1, 1.7, Some(2), Details::default())),
                    ("lamp_floor", line(2, 0.14, Some(2), undecided)),
                ],
            ),
            room(None, [("Pottery kiln", line(1, 0.25, None, said))]),
        ],
        others: None,
        staying: [(
            "living_room".to_owned(),
            [("wardrobe_2_door".to_owned(), 1)].into(),
        )]
        .into(),
        total_volume: 2.23,
        total_volume_range: [1.5, 3.4],
        total_weight_kg: 104.0,
        vehicle: transport("van_6"),
        container: transport("groupage"),
        remarks: vec!["The lamps are an heirloom".to_owned()],
        degraded: vec![Gap::NoSound],
        advice: vec![Advice {
            about: Topic::Dark,
            from: Some(42),
            to: Some(50),
            room: None,
        }],
        coverage: Seen {
            pictures: 8,
            longest_gap: 2.1,
        },
        cost: Cost::default(),
    }
}

/// The keys that sign [`receipt`].
pub fn receipt_keys() -> ReceiptKeys {
    ReceiptKeys::new(&[b'k'; 64], &[]).unwrap()
}

/// Of a completed session.
pub fn receipt() -> ErasureReceipt {
    let statement = ErasureStatement {
        schema: STATEMENT.to_owned(),
        session_id: "0123456789abcdef0123456789abcdef".to_owned(),
        audit_id: "fedcba9876543210fedcba9876543210".to_owned(),
        reason: ErasureReason::Completed,
        chunks: 3,
        parts: 9,
        bytes: 3_000_000,
        key_id: "v1".to_owned(),
        key_destroyed_at: NOW,
        fate: PartsFate::Deleted {
            parts_verified_absent_at: Timestamp::from_millis(NOW.as_millis() + 250),
        },
    };
    receipt_keys().sign(statement).unwrap()
}

fn line(quantity: u32, unit: f64, seen_at: Option<u32>, details: Details) -> Line {
    Line {
        quantity,
        volume: unit * f64::from(quantity),
        seen_at,
        details,
    }
}

fn room<const N: usize>(id: Option<&str>, lines: [(&str, Line); N]) -> RoomLines {
    let lines = lines.map(|(key, line)| (key.to_owned(), line));
    let things = BTreeMap::from(lines);
    RoomLines {
        room: id.map(str::to_owned),
        quantity: things.values().map(|line| line.quantity).sum(),
        volume: things.values().map(|line| line.volume).sum(),
        things,
    }
}

fn transport(id: &str) -> Transport {
    let load = || Load {
        id: id.to_owned(),
        count: 1,
    };
    Transport {
        id: id.to_owned(),
        count: 1,
        range: [load(), load()],
    }
}
