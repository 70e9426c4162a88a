//! The record of an organization: names, reach, tags, notes, logo, contacts, documents, as staff keep them
//! and as far as visitors see them.
use crate::{
    members::few,
    server::{Answer, Server},
};
use convener::{mail, staff::Role};

/// A server with two members and an observer, and the record of the second member (number 39).
async fn office(role: Role) -> (Server, String) {
    let mut server = Server::start().await;
    let id = few(&server).await[1].id;
    server.sign_in(role).await;
    (server, format!("/staff/organizations/{id}"))
}

/// Sends a form with a file, as its page would.
pub(crate) async fn upload(
    server: &Server,
    page: &str,
    field: &str,
    name: &str,
    bytes: &[u8],
    fields: &[(&str, &str)],
) -> Answer {
    let (target, values) = server.get(page).await.form(page, page, fields);
    let mut form = reqwest::multipart::Form::new();
    for (held, value) in values.into_iter().filter(|(held, _)| held != field) {
        form = form.text(held, value);
    }
    form = form.part(field.to_owned(), reqwest::multipart::Part::bytes(bytes.to_vec()).file_name(name.to_owned()));
    Answer::of(server.http.post(server.absolute(&target)).multipart(form).send().await.unwrap()).await
}

#[tokio::test]
async fn a_former_name_is_found_and_its_old_address_leads_on() {
    let mut server = Server::start().await;
    let observer = few(&server).await[2].id;
    server.sign_in(Role::Membership).await;
    let record = format!("/staff/organizations/{observer}");
    let page = format!("{record}/name");
    let rename = async |name: &str, keep: &[(&str, &str)]| server.fill(&page, "", &[&[("name", name)], keep].concat()).await;
    assert_eq!(rename("Watchers of Peace", &[("until", "2026-02-01")]).await.status, 303);
    assert_eq!(rename("Guardians of Peace", &[("until", "2026-09-01")]).await.status, 303);
    let old = server.get("/members/watchers-of-peace").await;
    assert_eq!((old.status, old.location()), (308, "/members/guardians-of-peace"));
    assert_eq!(server.get("/members?q=watchers").await.all("table.roll tbody th"), ["Guardians of Peace"]);
    let public = server.get("/members/guardians-of-peace").await;
    assert!(public.text().contains("Formerly Watchers of Peace , 100% Observers"), "{}", public.text());
    assert!(server.get(&record).await.text().contains("Watchers of Peace, until 1 September 2026"));
    assert!(server.get("/members.json").await.body.contains(r#""formerly":["Watchers of Peace","100% Observers"]"#));
    assert_eq!(rename("Watchers of Peace", &[]).await.status, 303);
    assert_eq!(server.get("/members/watchers-of-peace").await.status, 200, "a name taken back has its address again");
    assert_eq!(server.get("/members/guardians-of-peace").await.location(), "/members/watchers-of-peace");
    let page = format!("{record}/former-names");
    let add = async |fields: &[(&str, &str)]| {
        let (_, values) = server.get(&page).await.form(&page, "/former-names", fields);
        Answer::of(server.http.post(server.absolute(&page)).form(&values).send().await.unwrap()).await
    };
    let wrong = add(&[("former", "Old"), ("from", "2020-01-01"), ("until", "2019-01-01")]).await;
    assert_eq!((wrong.status, wrong.attr("#former", "value").as_deref()), (422, Some("Old")));
    assert_eq!(add(&[("former", "The Very First"), ("until", "1999-01-01")]).await.status, 303);
    assert_eq!(server.get("/members?q=very+first").await.all("table.roll tbody th"), ["Watchers of Peace"]);
    assert_eq!(server.fill(&page, "/removal", &[]).await.status, 303);
    assert!(server.get("/members/guardians-of-peace").await.status == 404, "what is removed leads nowhere");
}

#[tokio::test]
async fn an_ein_and_a_legal_name_are_checked_searched_and_never_public() {
    let (server, record) = office(Role::Membership).await;
    let page = format!("{record}/name");
    let wrong = server.fill(&page, "", &[("ein", "12-34"), ("legal_name", "Société SA")]).await;
    assert_eq!((wrong.status, wrong.attr("#ein", "value").as_deref()), (422, Some("12-34")));
    assert_eq!(wrong.attr("#legal_name", "value").as_deref(), Some("Société SA"));
    assert_eq!(server.fill(&page, "", &[("ein", "123456789"), ("legal_name", "Société SA Inc.")]).await.status, 303);
    for words in ["12-3456789", "123456789", "societe sa inc"] {
        let found = server.get(&format!("/staff/organizations?q={}", words.replace(' ', "+"))).await;
        assert_eq!(found.all("tbody th"), ["Société pour la Justice"], "{words}");
        assert!(server.get(&format!("/members?q={}", words.replace(' ', "+"))).await.all("table.roll tbody th").is_empty());
    }
    let public = server.get("/members/39-societe-pour-la-justice").await.body;
    assert!(!public.contains("12-3456789") && !public.contains("Inc."));
    let other = server.get("/staff/organizations?q=genocide").await.attr("tbody th a", "href").unwrap();
    let shared = server.fill(&format!("{other}/name"), "", &[("ein", "12-3456789")]).await;
    assert_eq!(shared.status, 303);
    assert!(server.get(&other).await.text().contains("Société pour la Justice has the same EIN"), "said, and not refused");
}

#[tokio::test]
async fn states_tags_and_the_missing_delegate_narrow_the_list_and_the_file_is_the_same() {
    let (server, record) = office(Role::Membership).await;
    let page = format!("{record}/reach");
    let wrong = server.fill(&page, "", &[("states", "MN, Wisconsin"), ("press", "press@"), ("postal_address", "PO Box 1")]).await;
    assert_eq!((wrong.status, wrong.all(".error-summary li").len()), (422, 2), "{}", wrong.text());
    assert!(wrong.attr("#states", "value").as_deref() == Some("MN, Wisconsin") && wrong.body.contains("PO Box 1"));
    let right = [("states", "wi and MN"), ("press", "press@justice.example"), ("postal_address", "PO Box 1\nNew York")];
    assert_eq!(server.fill(&page, "", &right).await.status, 303);
    assert_eq!(server.fill(&format!("{record}/tags"), "", &[("tags", "Speaker, founding  member,speaker")]).await.status, 303);
    let shown = server.get(&record).await.text();
    assert!(
        shown.contains("MN, WI") && shown.contains("Press: press@justice.example") && shown.contains("founding member speaker"),
        "{shown}"
    );
    let public = server.get("/members/39-societe-pour-la-justice").await.text();
    assert!(public.contains("Active in MN , WI") && !public.contains("press@") && !public.contains("speaker"), "{public}");
    assert_eq!(server.get("/members?state=WI").await.all("table.roll tbody th"), ["Société pour la Justice"]);
    let end = server.get(&record).await.attr("a[href$='/end']", "href").unwrap();
    assert_eq!(server.fill(&end, "", &[]).await.status, 303);
    for query in ["tag=speaker", "delegate=none", "state=WI&tag=founding+member"] {
        let list = server.get(&format!("/staff/organizations?{query}")).await;
        assert_eq!(list.all("tbody th"), ["Société pour la Justice"], "{query}");
        let file = server.get(&format!("/staff/organizations.csv?{query}")).await.body;
        assert!(file.lines().count() == 2 && file.contains("39,Société pour la Justice"), "{query}: {file}");
    }
    assert!(server.get("/staff/organizations?tag=none").await.text().contains("No organization matches"));
    assert_eq!(server.get("/members?tag=speaker").await.all("table.roll tbody th").len(), 3, "visitors do not narrow by tags");
}

#[tokio::test]
async fn notes_are_signed_kept_and_read_by_staff_alone() {
    let (mut server, record) = office(Role::Membership).await;
    assert_eq!(server.fill(&format!("{record}/notes"), "", &[("note", " ")]).await.status, 422);
    assert_eq!(server.fill(&format!("{record}/notes"), "", &[("note", "Called <b>twice</b>.")]).await.status, 303);
    server.sign_in(Role::ReadOnly).await;
    let shown = server.get(&record).await;
    assert!(shown.text().contains("Membership Person Called <b>twice</b>."), "{}", shown.text());
    assert_eq!(server.get(&format!("{record}/notes")).await.status, 403);
    assert!(!server.get("/members/39-societe-pour-la-justice").await.body.contains("twice"));
}

fn picture(width: u32, height: u32, format: image::ImageFormat) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(width, height).write_to(&mut out, format).unwrap();
    out.into_inner()
}

#[tokio::test]
async fn a_logo_is_made_anew_and_given_to_visitors_for_ever() {
    let (server, record) = office(Role::Membership).await;
    let page = format!("{record}/logo");
    let at = "/members/39-societe-pour-la-justice";
    assert!(server.get(at).await.attr("img.logo", "src").is_none(), "without a logo no picture is shown");
    let mut jpeg = picture(1_000, 500, image::ImageFormat::Jpeg);
    jpeg.splice(2..2, *b"\xff\xfe\x00\x0bTOPSECRET");
    let sent = upload(&server, &page, "logo", "logo.gif", &jpeg, &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    for (shown, size) in [(at, ("240", "120")), ("/members", ("64", "32"))] {
        let shown = server.get(shown).await;
        let given = (shown.attr("img.logo", "width").unwrap(), shown.attr("img.logo", "height").unwrap());
        assert_eq!((shown.all("img.logo").len(), given.0.as_str(), given.1.as_str()), (1, size.0, size.1));
    }
    let address = server.get(at).await.attr("img.logo", "src").unwrap();
    let given = Server::visitor().get(server.absolute(&address)).send().await.unwrap();
    let header = |name: &str| given.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    assert_eq!((header("content-type").as_str(), header("x-content-type-options").as_str()), ("image/jpeg", "nosniff"));
    assert!(header("cache-control").contains("immutable"));
    let original = server.http.get(server.absolute(&format!("{record}/logo/original"))).send().await.unwrap();
    let named = original.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(named, "attachment; filename=\"logo-societe-pour-la-justice.jpg\"");
    assert_eq!(original.bytes().await.unwrap(), jpeg, "as it was sent, to the byte");
    assert!(server.get(&record).await.attr("a[href$='/logo/original']", "href").is_some());
    let stranger = Server::visitor().get(server.absolute(&format!("{record}/logo/original"))).send().await.unwrap();
    assert_eq!(stranger.status(), 303, "visitors are asked to sign in");
    let bytes = given.bytes().await.unwrap();
    assert!(!bytes.windows(9).any(|w| w == b"TOPSECRET"));
    assert_eq!(image::load_from_memory(&bytes).unwrap().width(), 480);
    let mut bomb = picture(4, 4, image::ImageFormat::Png);
    bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    for (bytes, said) in [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "not a PNG or JPEG"),
        (b"\x89PNG\r\n\x1a\nbroken".to_vec(), "damaged"),
        (bomb, "Something here needs"),
        (picture(9_000, 2, image::ImageFormat::Png), "too many pixels"),
        (Vec::new(), "Choose the file"),
    ] {
        let wrong = upload(&server, &page, "logo", "logo.png", &bytes, &[]).await;
        assert!(wrong.status == 422 && wrong.text().contains(said), "{} {}", wrong.status, wrong.text());
    }
    assert_eq!(server.get(at).await.attr("img.logo", "src").unwrap(), address, "what was wrong changed nothing");
    assert_eq!(server.fill(&page, "removal", &[]).await.status, 303);
    assert_eq!(server.get(&format!("{record}/logo/original")).await.status, 404);
    assert!(server.get(at).await.attr("img.logo", "src").is_none());
    assert_eq!(server.get(&address).await.status, 404);
}

#[tokio::test]
async fn the_delegates_seat_is_handed_over_in_one_act_and_both_are_told() {
    let (mut server, record) = office(Role::Membership).await;
    let page = format!("{record}/delegate");
    let person = [("name", "Bea Next"), ("title", "Chair"), ("email", "bea@example.org")];
    let wrong = server.fill(&page, "delegate", &[("name", "Bea Next"), ("email", "bea@")]).await;
    assert_eq!((wrong.status, wrong.attr("#name", "value").as_deref()), (422, Some("Bea Next")));
    let preview = server.fill(&page, "delegate", &person).await;
    let text = preview.text();
    assert!(
        text.contains("The term of Ana Delegate ends today, 21 September 2026") && text.contains("bea@example.org"),
        "{text}"
    );
    assert!(server.get(&record).await.text().contains("Ana Delegate, Director Delegate"), "a preview changes nothing");
    let (target, values) = preview.form(&page, "delegate", &[]);
    let send = || server.http.post(server.absolute(&target)).form(&values).send();
    let (first, second) = tokio::join!(send(), send());
    let mut answers = [first.unwrap().status().as_u16(), second.unwrap().status().as_u16()];
    answers.sort_unstable();
    assert!(answers[0] == 303 && matches!(answers[1], 409 | 422), "once, whoever clicks twice: {answers:?}");
    let shown = server.get(&record).await;
    assert!(shown.text().contains("Bea Next, Chair Delegate bea@example.org 21 September 2026"), "{}", shown.text());
    assert!(shown.text().contains("1 September 2013 to 21 September 2026"), "the old term is history: {}", shown.text());
    let mut tx = server.app.db.read().await.unwrap();
    for (to, subject) in [("ana@example.org", "Bea Next is now the delegate of"), ("bea@example.org", "You are the delegate of")]
    {
        let mails = mail::to_address(&mut tx, &to.parse().unwrap(), 9).await.unwrap();
        assert!(mails.len() == 1 && mails[0].subject.starts_with(subject), "{to}: {mails:?}");
    }
    drop(tx);
    let second = [("role", "delegate"), ("name", "Cy Third"), ("email", "cy@example.org")];
    let taken = server.fill(&format!("{record}/contacts/new"), "", &second).await;
    assert!(taken.status == 422 && taken.text().contains("Bea Next is the delegate"), "{}", taken.text());
    server.sign_in(Role::ReadOnly).await;
    assert_eq!(server.get(&page).await.status, 403);
}

#[tokio::test]
async fn contacts_are_added_changed_and_ended_and_stay_as_history() {
    let (server, record) = office(Role::Membership).await;
    for role in ["signatory", "billing", "press", "alternate"] {
        let person = [("role", role), ("name", "Sol Signer"), ("email", "sol@example.org"), ("from", "2020-01-01")];
        assert_eq!(server.fill(&format!("{record}/contacts/new"), "", &person).await.status, 303, "{role}");
    }
    let nobody = server.fill(&format!("{record}/contacts/new"), "", &[("name", "Nia"), ("email", "x")]).await;
    assert_eq!((nobody.status, nobody.all(".error-summary li").len()), (422, 2), "{}", nobody.text());
    let shown = server.get(&record).await;
    assert!(shown.text().contains("Sol Signer Authorized signatory"), "{}", shown.text());
    let html = shown.html();
    let row = html
        .select(&scraper::Selector::parse("tbody tr").unwrap())
        .find(|tr| tr.text().any(|t| t == "Billing contact"))
        .and_then(|tr| {
            tr.select(&scraper::Selector::parse("a[href$='/end']").unwrap()).next()?.value().attr("href").map(str::to_owned)
        })
        .unwrap();
    let change = row.trim_end_matches("/end").to_owned();
    assert_eq!(server.fill(&change, "", &[("name", "Sol B. Signer")]).await.status, 303);
    let early = server.fill(&row, "", &[("to", "2019-01-01")]).await;
    assert!(early.status == 422 && early.text().contains("The term began on 1 January 2020"), "{}", early.text());
    assert_eq!(server.fill(&row, "", &[("to", "2026-08-01")]).await.status, 303);
    assert_eq!(server.get(&change).await.status, 409, "what ended is not changed any more");
    let text = server.get(&record).await.text();
    assert!(text.contains("Earlier contacts (1)") && text.contains("1 January 2020 to 1 August 2026"), "{text}");
}

#[tokio::test]
async fn documents_are_kept_with_kind_and_date_and_given_to_staff_alone() {
    let (mut server, record) = office(Role::Membership).await;
    let page = format!("{record}/documents/new");
    let fields = [("kind", "bylaws"), ("title", "Bylaws of 2020"), ("dated", "2020-05-01")];
    let wrong = upload(&server, &page, "document", "x.pdf", b"MZ\x90 a program", &fields).await;
    assert!(wrong.status == 422 && wrong.text().contains("whatever its name says"), "{}", wrong.text());
    assert_eq!(wrong.attr("#title", "value").as_deref(), Some("Bylaws of 2020"), "what was typed stays");
    let sent = upload(&server, &page, "document", "x.exe", b"%PDF-1.7\n", &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    server.sign_in(Role::ReadOnly).await;
    let shown = server.get(&record).await;
    assert!(shown.text().contains("Bylaws of 2020 Bylaws 1 May 2020 PDF, 1 KB"), "{}", shown.text());
    let file = shown.attr("a[href*='/documents/']", "href").unwrap();
    let given = server.http.get(server.absolute(&file)).send().await.unwrap();
    assert_eq!(given.headers()["content-disposition"], "attachment; filename=\"bylaws-societe-pour-la-justice.pdf\"");
    assert_eq!(given.bytes().await.unwrap().as_ref(), b"%PDF-1.7\n");
    assert_eq!(Server::visitor().get(server.absolute(&file)).send().await.unwrap().status(), 303, "to the sign-in");
    assert_eq!(server.get(&page).await.status, 403);
}

#[tokio::test]
async fn everything_that_happened_stands_on_one_line_newest_first_by_kind_and_page_by_page() {
    let (mut server, record) = office(Role::Membership).await;
    let timeline = format!("{record}/timeline");
    assert_eq!(server.get(&timeline).await.all(".timeline li").len(), 2, "admitted, and its delegate began");
    server.app.clock.advance(60);
    server.fill(&format!("{record}/tags"), "", &[("tags", "speaker")]).await;
    server.app.clock.advance(60);
    server.fill(&format!("{record}/notes"), "", &[("note", "They called.")]).await;
    server.app.clock.advance(60);
    let page = format!("{record}/delegate");
    let preview = server.fill(&page, "delegate", &[("name", "Bea Next"), ("email", "bea@example.org")]).await;
    let (target, values) = preview.form(&page, "delegate", &[]);
    server.http.post(server.absolute(&target)).form(&values).send().await.unwrap();
    let lines = server.get(&timeline).await.all(".timeline li");
    assert!(lines[0].contains("Mail to ") && lines[1].contains("Mail to "), "{lines:?}");
    assert!(lines[2].contains("Note by Membership Person They called."), "{lines:?}");
    assert!(lines[3].contains("Membership Person changed the tags tags: none → speaker"), "{lines:?}");
    assert!(lines.last().unwrap().contains("Admitted") || lines.last().unwrap().contains("began as delegate"), "{lines:?}");
    for (kind, count, said) in [
        ("mail", 2, "Bea Next is now the delegate"),
        ("note", 1, "They called."),
        ("change", 1, "speaker"),
        ("contact", 3, "Ana Delegate ended as delegate"),
        ("standing", 1, "Admitted"),
        ("document", 0, "Nothing of this kind"),
    ] {
        let page = server.get(&format!("{timeline}?kind={kind}")).await;
        assert_eq!(page.all(".timeline li").len(), count, "{kind}: {}", page.text());
        assert!(page.text().contains(said), "{kind}: {}", page.text());
    }
    for n in 0..60 {
        server.app.clock.advance(i64::from(n % 2 == 0));
        server.fill(&format!("{record}/notes"), "", &[("note", &format!("Note {n}."))]).await;
    }
    let (mut next, mut seen) = (Some(timeline.clone()), Vec::new());
    while let Some(at) = next {
        let page = server.get(&at).await;
        seen.extend(page.all(".timeline li"));
        next = page.attr("a[rel=next]", "href");
    }
    let notes: Vec<_> = seen.iter().filter_map(|line| line.split("Person Note ").nth(1)).collect();
    assert_eq!((seen.len(), notes.len()), (68, 60), "each once, those of one second too");
    assert_eq!((notes[0], notes[59]), ("59.", "0."));
    server.sign_in(Role::ReadOnly).await;
    assert_eq!(server.get(&format!("{timeline}?after=x~y&kind=king")).await.status, 200);
}

#[tokio::test]
async fn the_dossier_says_standing_contacts_commitment_and_last_events() {
    let (server, record) = office(Role::Membership).await;
    let fields = [("kind", "resolution"), ("title", "Of the board"), ("dated", "2026-05-01")];
    upload(&server, &format!("{record}/documents/new"), "document", "x.pdf", b"%PDF-1.7\n", &fields).await;
    let text = server.get(&format!("{record}/dossier")).await.text();
    for said in [
        "In good standing since it was admitted on 1 September 2013.",
        "Ana Delegate, Director Delegate ana@example.org",
        "Resolution of 1 May 2026 : Of the board",
        "Resolution added: Of the board (Membership Person)",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[tokio::test]
async fn programs_read_the_roll_and_search_engines_find_every_page() {
    let server = Server::start().await;
    few(&server).await;
    let all = server.get("/members.json").await;
    assert!(all.headers["content-type"].to_str().unwrap().starts_with("application/json"));
    let all: serde_json::Value = serde_json::from_str(&all.body).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert_eq!(
        (&all[0]["number"], &all[0]["track"], &all[2]["number"]),
        (&38.into(), &"member".into(), &serde_json::Value::Null)
    );
    assert_eq!(all[1]["page"], format!("{}/members/39-societe-pour-la-justice", server.url));
    let one: serde_json::Value = serde_json::from_str(&server.get("/members.json?state=mn&q=WORLD").await.body).unwrap();
    assert_eq!((one.as_array().unwrap().len(), &one[0]["name"]), (1, &"World Without Genocide".into()));
    let map = server.get("/sitemap.xml").await;
    assert!(map.headers["content-type"].to_str().unwrap().starts_with("application/xml"));
    for path in ["/members/39-societe-pour-la-justice", "/members", "/donate"] {
        assert!(map.body.contains(&format!("<url><loc>{}{path}</loc></url>", server.url)), "{path}: {}", map.body);
    }
}

#[tokio::test]
async fn search_engines_understand_whose_page_a_members_page_is() {
    let (server, record) = office(Role::Membership).await;
    let png = picture(20, 10, image::ImageFormat::Png);
    assert_eq!(upload(&server, &format!("{record}/logo"), "logo", "logo.png", &png, &[]).await.status, 303);
    let page = server.get("/members/39-societe-pour-la-justice").await;
    let item = "[itemscope][itemtype='https://schema.org/NGO']";
    assert_eq!(page.all(&format!("{item} > header > h1[itemprop=name]")), ["Société pour la Justice"]);
    assert_eq!(page.all(&format!("{item} [itemprop=addressRegion]")), ["NY"]);
    assert_eq!(page.all(&format!("{item} [itemprop=foundingDate]")), ["1998"]);
    assert_eq!(page.attr(&format!("{item} a[itemprop=url]"), "href").as_deref(), Some("https://www.example.org"));
    let logo = page.attr(&format!("{item} link[itemprop=logo]"), "href").unwrap();
    assert_eq!(Some(logo.strip_prefix(&server.url).unwrap()), page.attr("img.logo", "src").as_deref(), "a whole address");
    let of = format!("{item} [itemprop=memberOf][itemscope]");
    assert_eq!(
        page.attr(&format!("{of} meta[itemprop=name]"), "content").as_deref(),
        Some("American NGO Coalition for the International Criminal Court")
    );
    assert_eq!(page.attr(&format!("{of} link[itemprop=url]"), "href"), Some(format!("{}/", server.url)));
}
