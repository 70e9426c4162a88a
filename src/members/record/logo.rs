//! The logo: taken from staff, made small and anew, given to visitors for ever under the name of its content.
//!
//! What visitors get is never the file that was sent: it is decoded and encoded again, so nothing that
//! hides in it (places, names, scripts) comes through. It refuses pictures that unfold beyond measure.
use super::{find, href, queries, queries::StoredLogo, subject};
use crate::{
    app::App,
    audit,
    files::Kind,
    kernel::{digest, hex},
    members::{Organization, OrganizationId, documents::paper},
    staff::Staff,
    web::{Csrf, Draft, Error, Mood, Page, RawForm, Upload, UploadedFile, error_summary, redirect_saying},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderName, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder, imageops::FilterType};
use maud::{Markup, html};
use std::io::Cursor;

/// The most the file may have, in bytes.
const MOST: usize = 5 * 1024 * 1024;
/// The most pixels a side may have, and the most memory decoding may take: a small file can name a picture
/// of gigabytes ("decompression bomb").
const MOST_SIDE: u32 = 8_000;
const MOST_MEMORY: u64 = 128 * 1024 * 1024;
/// The box the logo is made to fit: twice what pages show, for sharp screens.
const WIDTH: u32 = 480;
const HEIGHT: u32 = 240;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/organizations/{id}/logo", get(ask).post(take).layer(DefaultBodyLimit::max(MOST + 64 * 1024)))
        .route("/staff/organizations/{id}/logo/removal", post(remove))
        .route("/staff/organizations/{id}/logo/original", get(original))
        .route("/logos/{name}", get(give))
}

/// The logo of an organization, when it has one. Its name stands beside it, so it says nothing of its own.
pub(in crate::members) fn shown(o: &Organization) -> Markup {
    picture(o, i64::from(WIDTH / 2), i64::from(HEIGHT / 2), "eager")
}

/// The logo beside a name in a list.
pub(in crate::members) fn small(o: &Organization) -> Markup {
    picture(o, 64, 32, "lazy")
}

/// Within a box; its place is kept free until it has arrived.
fn picture(o: &Organization, most_width: i64, most_height: i64, loading: &str) -> Markup {
    html! {
        @if let (Some(name), Some(width), Some(height)) = (&o.logo, o.logo_width, o.logo_height) {
            @let (width, height) = fit(width, height, most_width, most_height);
            img.logo src={ "/logos/" (name) } width=(width) height=(height) alt="" loading=(loading) decoding="async";
        }
    }
}

/// The size of a picture made to fit a box, in its own proportion.
fn fit(width: i64, height: i64, most_width: i64, most_height: i64) -> (i64, i64) {
    if width * most_height > height * most_width {
        (most_width.min(width), (height * most_width.min(width) / width).max(1))
    } else {
        ((width * most_height.min(height) / height).max(1), most_height.min(height))
    }
}

fn page(csrf: &Csrf, draft: &Draft, o: &Organization) -> Page {
    let wrong = draft.error("logo");
    let content = html! {
        (error_summary(draft))
        @if o.logo.is_some() { (shown(o)) p { "This logo stands on its public page and on the roll. Choose another file to replace it." } }
        @else { p { "Without a logo its public page and the roll show its name alone." } }
        form method="post" enctype="multipart/form-data" action={ (href(o.id)) "/logo" } {
            (csrf.field())
            div.field data-state=[wrong.map(|_| "wrong")] {
                label for="logo" { "Logo" }
                p.hint #logo-hint { "A PNG or JPEG file of at most 5 MB. It is made to fit " (WIDTH) " by " (HEIGHT) " pixels; the original is kept." }
                @if let Some(reason) = wrong { p.error #logo-error { span.visually-hidden { "Error: " } (reason) } }
                input #logo type="file" name="logo" accept=".png,.jpg,.jpeg" aria-describedby="logo-hint" required;
            }
            p.actions { button type="submit" { "Save the logo" } a href=(href(o.id)) { "Cancel" } }
        }
        @if o.logo.is_some() {
            section.danger-zone aria-labelledby="remove" {
                h2 #remove { "Remove the logo" }
                p { "Its public page and the roll then show its name alone." }
                form method="post" action={ (href(o.id)) "/logo/removal" } { (csrf.field()) button.danger type="submit" { "Remove the logo" } }
            }
        }
    };
    subject("Logo", o, content)
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    Ok(page(&csrf, &Draft::default(), &find(&mut app.db.read().await?, id).await?))
}

/// A logo made anew.
struct Made {
    bytes: Vec<u8>,
    kind: Kind,
    width: u32,
    height: u32,
}

/// Decodes within limits, turns as the camera held it, makes it fit, encodes without anything else.
fn make(bytes: &[u8], kind: Kind) -> Result<Made, image::ImageError> {
    let format = if kind == Kind::Png { ImageFormat::Png } else { ImageFormat::Jpeg };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let turned = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(turned);
    if picture.width() > WIDTH || picture.height() > HEIGHT {
        picture = picture.resize(WIDTH, HEIGHT, FilterType::Lanczos3);
    }
    let mut out = Cursor::new(Vec::new());
    if kind == Kind::Png {
        picture.into_rgba8().write_to(&mut out, ImageFormat::Png)?;
    } else {
        picture.into_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut out, 88))?;
    }
    let bytes = out.into_inner();
    let (width, height) = ImageReader::with_format(Cursor::new(&bytes), format).into_dimensions()?;
    Ok(Made { bytes, kind, width, height })
}

/// The picture, or the sentence that says why not.
async fn read(app: &App, file: Option<&UploadedFile>) -> Result<Result<Made, &'static str>, Error> {
    let Some(file) = file.filter(|f| !f.bytes.is_empty()) else { return Ok(Err("Choose the file of the logo")) };
    if file.bytes.len() > MOST {
        return Ok(Err("This file has more than 5 MB. Save it smaller and choose it again"));
    }
    let Some(kind @ (Kind::Png | Kind::Jpeg)) = Kind::of(&file.bytes) else {
        return Ok(Err("This is not a PNG or JPEG picture, whatever its name says. Choose one of these"));
    };
    let bytes = file.bytes.clone();
    let made = app.hashing.run(move || make(&bytes, kind)).await;
    let made =
        made.map_err(|_| Error::Unavailable("Many people are sending files at this moment. Try again in a minute.".to_owned()))?;
    Ok(made.map_err(|error| match error {
        image::ImageError::Limits(_) => {
            "This picture has too many pixels. Save it with at most 8,000 pixels a side and choose it again"
        }
        _ => "This picture can’t be read: the file is damaged. Save it again and choose it anew",
    }))
}

async fn take(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<OrganizationId>,
    upload: Upload,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let o = find(&mut app.db.read().await?, id).await?;
    let made = match read(&app, upload.file.as_ref()).await? {
        Ok(made) => made,
        Err(reason) => {
            let mut draft = Draft::default();
            draft.reject("logo", reason);
            return Err(Draft::refuse(page(&csrf, &draft, &o)));
        }
    };
    let original = upload.file.map(|file| file.bytes).unwrap_or_default();
    // Two organizations may have the same picture; the id keeps their addresses apart.
    let name = format!("{}.{}", &digest(&format!("{id}{}", hex(&made.bytes)))[..24], made.kind.ending());
    let logo = StoredLogo {
        name,
        file: app.files.put(&made.bytes).await.map_err(Error::Storage)?,
        original: app.files.put(&original).await.map_err(Error::Storage)?,
        width: made.width.into(),
        height: made.height.into(),
    };
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    queries::set_logo(&mut tx, id, &logo, now).await?;
    let record = ("organization", id.to_string());
    let after = serde_json::json!({ "logo": size_in_words(Some(logo.width), Some(logo.height)) });
    audit::record(&mut tx, &staff.actor(), "change the logo", (record.0, &record.1), Some(&before(&o)), Some(&after), now)
        .await?;
    tx.commit().await?;
    Ok(redirect_saying(href(id), Mood::Good, "The logo is saved. Visitors see it at once."))
}

/// What the audit keeps of a logo.
fn size_in_words(width: Option<i64>, height: Option<i64>) -> Option<String> {
    Some(format!("{} by {} pixels", width?, height?))
}

fn before(o: &Organization) -> serde_json::Value {
    serde_json::json!({ "logo": size_in_words(o.logo_width, o.logo_height) })
}

async fn remove(State(app): State<App>, staff: Staff, Path(id): Path<OrganizationId>, _form: RawForm) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let o = find(&mut tx, id).await?;
    queries::remove_logo(&mut tx, id).await?;
    let (record, now) = (id.to_string(), app.clock.now());
    let record = ("organization", record.as_str());
    audit::record(&mut tx, &staff.actor(), "change the logo", record, Some(&before(&o)), None::<&()>, now).await?;
    tx.commit().await?;
    Ok(redirect_saying(href(id), Mood::Good, "The logo is removed."))
}

/// The picture itself. Its address changes when it does, so it is kept for ever.
async fn give(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Error> {
    let logo = queries::logo_named(&mut app.db.read().await?, &name).await?.ok_or(Error::NotFound)?;
    let bytes = app.files.get(&logo.file).await.map_err(Error::Storage)?;
    let is_png = name.rsplit_once('.').is_some_and(|(_, ending)| ending == Kind::Png.ending());
    let mime = if is_png { Kind::Png.mime() } else { Kind::Jpeg.mime() };
    Ok((
        [
            (header::CONTENT_TYPE, mime),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            (HeaderName::from_static("x-content-type-options"), "nosniff"),
        ],
        bytes,
    )
        .into_response())
}

/// The file it was made from, as it was sent, for staff: printers want it large. It is a download, never shown.
async fn original(State(app): State<App>, _: Staff, Path(id): Path<OrganizationId>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let o = find(&mut tx, id).await?;
    let name = o.logo.as_deref().ok_or(Error::NotFound)?;
    let logo = queries::logo_named(&mut tx, name).await?.ok_or(Error::NotFound)?;
    drop(tx);
    let bytes = app.files.get(&logo.original).await.map_err(Error::Storage)?;
    let kind = Kind::of(&bytes).ok_or(Error::NotFound)?;
    paper::attachment(bytes, kind, "logo", &o.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_made_to_fit_and_keeps_nothing_but_its_pixels() {
        let mut large = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(1_200, 300).write_to(&mut large, ImageFormat::Jpeg).unwrap();
        let mut large = large.into_inner();
        // A comment segment, as cameras and editors write them.
        large.splice(2..2, *b"\xff\xfe\x00\x0bTOPSECRET");
        let made = make(&large, Kind::Jpeg).unwrap();
        assert_eq!((made.width, made.height), (480, 120));
        assert!(!made.bytes.windows(9).any(|w| w == b"TOPSECRET") && Kind::of(&made.bytes) == Some(Kind::Jpeg));
    }

    #[test]
    fn a_picture_that_unfolds_beyond_measure_is_refused_by_what_it_names() {
        let mut small = Cursor::new(Vec::new());
        DynamicImage::new_luma8(10, 10).write_to(&mut small, ImageFormat::Png).unwrap();
        let mut bomb = small.into_inner();
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        assert!(make(&bomb, Kind::Png).is_err());
        let mut wide = Cursor::new(Vec::new());
        DynamicImage::new_luma8(9_000, 2).write_to(&mut wide, ImageFormat::Png).unwrap();
        assert!(matches!(make(&wide.into_inner(), Kind::Png), Err(image::ImageError::Limits(_))));
    }
}
