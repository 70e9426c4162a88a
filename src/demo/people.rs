//! The staff of the demonstration: one of each role, all with the same password.
use crate::{
    app::App,
    staff::{self, Role},
};

/// Who may do everything in generated data.
pub const ADMINISTRATOR: &str = "ada@demo.example";
/// Who looks at applications in generated data.
pub(super) const REVIEWER: &str = "miriam@demo.example";
/// Whose role does not review applications, and who is named for it.
pub(super) const NAMED_REVIEWER: &str = "isaac@demo.example";
/// The password of every generated account. Known to everybody: generated data never meets real people.
pub const PASSWORD: &str = "convene-the-demo";

/// E-mail, name and role of each account.
pub const PEOPLE: &[(&str, &str, Role)] = &[
    (ADMINISTRATOR, "Ada Levine", Role::Administrator),
    (REVIEWER, "Miriam Okafor", Role::Membership),
    ("daniel@demo.example", "Daniel Reyes", Role::Development),
    ("clara@demo.example", "Clara Novak", Role::Communications),
    (NAMED_REVIEWER, "Isaac Turner", Role::ReadOnly),
];

pub(super) async fn add(app: &App) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let hash = staff::people::password_hash(app, PASSWORD).await?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    for (email, name, role) in PEOPLE {
        staff::people::create(&mut tx, &email.parse()?, name, *role, &hash, now).await?;
    }
    let by = staff::by_email(&mut tx, &ADMINISTRATOR.parse()?).await?.ok_or("the administrator has no account")?;
    let named = staff::by_email(&mut tx, &NAMED_REVIEWER.parse()?).await?.ok_or("the reviewer has no account")?;
    staff::people::name_reviewer(&mut tx, app, &by, named.id, true).await?;
    tx.commit().await?;
    Ok(())
}
