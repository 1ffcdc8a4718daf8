//! An inventory and its receipt, for tests.

use dodolens::{
    crypto::receipt::ReceiptKeys,
    domain::{
        evidence::Gap,
        inventory::{
            Contents, Cost, Flag, Inventory, Load, Object, RoomTotal, SCHEMA, Staying, Support,
            Transport,
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
    Inventory {
        schema: SCHEMA.to_owned(),
        locale: Locale::En,
        objects: vec![
            object(
                Some("sofa_3"),
                "Three-seat sofa",
                Some("living_room"),
                1,
                1.6,
            ),
            Object {
                flags: vec![Flag::Fragile, Flag::Unsure],
                evidence: Support {
                    seen_at: vec![2.0, 61.4],
                    said: true,
                },
                ..object(
                    Some("floor_lamp"),
                    "Floor lamp",
                    Some("living_room"),
                    2,
                    0.25,
                )
            },
            Object {
                evidence: Support {
                    seen_at: vec![],
                    said: true,
                },
                ..object(None, "Pottery kiln", None, 1, 0.5)
            },
        ],
        staying: vec![Staying {
            catalogue_id: Some("wardrobe".to_owned()),
            name: "Wardrobe".to_owned(),
            room: Some("living_room".to_owned()),
            quantity: 1,
            contents: Contents::new(),
        }],
        rooms: vec![
            room(Some("living_room"), "Living room", 3, 2.1),
            room(None, "Elsewhere", 1, 0.5),
        ],
        total_volume: 2.6,
        total_volume_range: [2.1, 3.4],
        total_weight_kg: 104.0,
        vehicle: transport("van_6", "Small van", 6.0),
        container: transport("groupage", "Shared container", 14.0),
        remarks: vec!["The lamps are an heirloom".to_owned()],
        degraded: vec![Gap::NoSound],
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

fn object(id: Option<&str>, name: &str, room: Option<&str>, quantity: u32, unit: f64) -> Object {
    let volume = unit * f64::from(quantity);
    Object {
        catalogue_id: id.map(str::to_owned),
        name: name.to_owned(),
        room: room.map(str::to_owned),
        quantity,
        unit_volume: unit,
        volume,
        volume_range: [volume * 0.8, volume * 1.3],
        weight_kg: volume * 40.0,
        flags: vec![],
        evidence: Support {
            seen_at: vec![2.0],
            said: false,
        },
        confidence: 0.9,
        conflict: None,
        contents: Contents::new(),
    }
}

fn transport(id: &str, name: &str, capacity: f64) -> Transport {
    let load = || Load {
        id: id.to_owned(),
        count: 1,
    };
    Transport {
        id: id.to_owned(),
        name: name.to_owned(),
        capacity,
        count: 1,
        range: [load(), load()],
    }
}

fn room(id: Option<&str>, name: &str, quantity: u32, volume: f64) -> RoomTotal {
    RoomTotal {
        room: id.map(str::to_owned),
        name: name.to_owned(),
        quantity,
        volume,
    }
}
