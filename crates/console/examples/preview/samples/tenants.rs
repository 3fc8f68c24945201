//! The vendor's list of tenants, and the settings of one.

use console::{QuotaField, Settings, State, TenantRow, TenantState, Tenants};

use super::{DAY, MINUTE, NOW, Page, Sample, page};

const NAMES: [(&str, &str); 6] = [
    ("acme", "Acme Inc."),
    ("borealis", "Borealis Energi AS"),
    ("contoso", "Contoso Ltd."),
    ("kyoto-steel", "京都製鋼株式会社"),
    ("northwind", "Northwind Traders"),
    ("zenith", "Zenith Versicherung a. G."),
];

pub fn pages(sample: Sample) -> Vec<Page> {
    let tenants = Tenants {
        frame: sample.outer("Tenants", "tenants"),
        tenants: sample.list(|index| row(sample, index)),
        next: sample.some("zenith"),
        problem: sample.trouble(),
        id: sample.trouble().unwrap_or_default(),
        name: sample.trouble().unwrap_or_default(),
    };
    vec![page("tenants", &tenants), page("settings", &settings(sample))]
}

fn row(sample: Sample, index: i64) -> TenantRow {
    let (id, name) = NAMES[index as usize % NAMES.len()];
    let state = match index % 6 {
        2 => State::watch(sample.text("quarantine near")),
        3 => State::off(sample.text("suspended")),
        4 => State::bad(sample.text("credential refused")),
        _ => State::good(sample.text("active")),
    };
    TenantRow {
        id: sample.text(id),
        name: sample.text(name),
        users: (index * 7_919) % 100_000 + 42,
        groups: (index * 131) % 900 + 3,
        last_request: (index % 6 != 3).then_some(NOW - index * 13 * MINUTE - 40_000),
        state,
        quota: Some(((index * 37) % 101, sample.text("users"))),
    }
}

fn settings(sample: Sample) -> Settings {
    let quota = |setting: &str, label: &str, used, most, is_default| QuotaField {
        setting: setting.to_string(),
        label: label.to_string(),
        used,
        most,
        is_default,
    };
    Settings {
        frame: sample.frame("Settings", "settings"),
        state: TenantState::Active,
        is_default: false,
        name: sample.text("Acme Inc."),
        is_strict: false,
        residency: sample.trouble(),
        has_edge: true,
        log_days: 90,
        activity_days: 30,
        mass_deprovisioning: sample.trouble().map(|_| 50),
        quotas: vec![
            quota("maxUsers", "Users", 12_480, 100_000, true),
            quota("maxGroups", "Groups", 311, 10_000, true),
            quota("maxMemberships", "Memberships", 48_112, 50_000, false),
            quota("maxBytes", "Bytes", 31_004_112, 1_000_000_000, true),
        ],
        created: Some(NOW - 41 * DAY),
        problem: sample.trouble(),
    }
}
