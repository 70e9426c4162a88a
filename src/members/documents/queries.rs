use super::{Document, DocumentId};
use crate::{
    db::{Tx, on},
    members::OrganizationId,
};

/// The latest first.
pub async fn of_organization(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<Document>> {
    on!(tx, conn => sqlx::query_as(
        "select id, organization_id, kind, title, dated, file, file_name, file_kind, file_size, file_digest, added_at, added_by
         from organization_document where organization_id = $1 order by dated desc, id desc")
        .bind(id)
        .fetch_all(conn).await)
}

pub(in crate::members) async fn by_id(
    tx: &mut Tx,
    organization: OrganizationId,
    id: DocumentId,
) -> sqlx::Result<Option<Document>> {
    on!(tx, conn => sqlx::query_as(
        "select id, organization_id, kind, title, dated, file, file_name, file_kind, file_size, file_digest, added_at, added_by
         from organization_document where organization_id = $1 and id = $2")
        .bind(organization).bind(id)
        .fetch_optional(conn).await)
}

/// Writes it down; with the application it came by, if it did.
pub(in crate::members) async fn insert(tx: &mut Tx, d: &Document, application: Option<&str>) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into organization_document
             (id, organization_id, kind, title, dated, file, file_name, file_kind, file_size, file_digest, added_at, added_by, application_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
        .bind(d.id).bind(d.organization_id).bind(d.kind).bind(&d.title).bind(d.dated).bind(&d.file).bind(&d.file_name)
        .bind(&d.file_kind).bind(d.file_size).bind(&d.file_digest).bind(d.added_at).bind(&d.added_by).bind(application)
        .execute(conn).await.map(drop))
}
