//! The page that says how other sites put up a button that leads here. No frame and no card form ever stands
//! on another site.
use crate::{
    app::App,
    staff::Staff,
    web::{Error, GIVE_BUTTON, Page, with},
};
use axum::extract::State;
use maud::html;

pub(super) async fn page(_staff: Staff, State(app): State<App>) -> Result<Page, Error> {
    let name = app.coalition.get().short_name.clone();
    let address = app.url(&with("/donate", "", &[("source", Some("partner-site"))]));
    let link = format!("<a href=\"{address}\">Give to {name}</a>");
    let script = format!(
        "<script async src=\"{}\"\n  data-label=\"Give to {name}\" data-source=\"partner-site\"></script>",
        app.url(GIVE_BUTTON)
    );
    let content = html! {
        p { "Members and friends can lead their visitors here. Nothing is loaded from us but a link; the gift is made on this site." }
        h2 { "As a link" }
        p { "Works everywhere, in mails too. Change the code after " code { "source=" } " to the one of an appeal, and the gifts it brings are counted." }
        pre tabindex="0" { code { (link) } }
        h2 { "As a button" }
        p { "For the body of a page. A small script puts the button where it stands; it sets no cookie and follows nobody." }
        pre tabindex="0" { code { (script) } }
        table {
            caption { "What can be said more" }
            thead { tr { th scope="col" { "Attribute" } th scope="col" { "What it does" } } }
            tbody {
                tr { th scope="row" { code { "data-label" } } td data-label="What it does" { span { "The words on the button." } } }
                tr { th scope="row" { code { "data-source" } } td data-label="What it does" { span { "The code of the appeal." } } }
                tr { th scope="row" { code { "data-amount" } } td data-label="What it does" { span { "The amount the form opens with, such as 50." } } }
                tr { th scope="row" { code { "data-fund" } } td data-label="What it does" { span { "The word in the link of a " a href="/staff/funds" { "fund" } "." } } }
                tr { th scope="row" { code { "data-campaign" } } td data-label="What it does" { span { "The word in the link of a " a href="/staff/campaigns" { "campaign" } "; the button leads to its page." } } }
            }
        }
        p { "A site that restricts scripts allows this one by adding " code { (app.url("/")) } " to its list of script sources. Where it may not, the link does the same." }
    };
    Ok(Page::staff("A donation button for other sites", content)
        .crumb("Gifts", "/staff/gifts")
        .crumb("Appeals", "/staff/appeals"))
}
