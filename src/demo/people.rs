//! The staff of the demonstration: one of each role, all with the same password.
use crate::{
    app::App,
    staff::{self, Role},
};

/// Who may do everything in generated data.
pub const ADMINISTRATOR: &str = "ada@demo.example";
/// Who looks at applications in generated data.
pub(super) const REVIEWER: &str = "miriam@demo.example";
/// The password of every generated account. Known to everybody: generated data never meets real people.
pub const PASSWORD: &str = "convene-the-demo";

/// E-mail, name and role of each account.
pub const PEOPLE: &[(&str, &str, Role)] = &[
    (ADMINISTRATOR, "Ada Levine", Role::Administrator),
    (REVIEWER, "Miriam Okafor", Role::Membership),
    ("daniel@demo.example", "Daniel Reyes", Role::Development),
    ("clara@demo.example", "Clara Novak", Role::Communications),
    ("isaac@demo.example", "Isaac Turner", Role::ReadOnly),
];

pub(super) async fn add(app: &App) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let hash = staff::people::password_hash(app, PASSWORD).await?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    for (email, name, role) in PEOPLE {
        staff::people::create(&mut tx, &email.parse()?, name, *role, &hash, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
