//! What a column can hold, by kind of file, and how people head such columns.
use super::Kind;
use crate::kernel::text;

/// What one column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) label: &'static str,
    /// A file without it can't be applied.
    pub(super) required: bool,
    /// Other headings for it, folded.
    also: &'static [&'static str],
}

const fn field(key: &'static str, label: &'static str, also: &'static [&'static str]) -> Field {
    Field { key, label, required: false, also }
}

const fn required(key: &'static str, label: &'static str, also: &'static [&'static str]) -> Field {
    Field { key, label, required: true, also }
}

#[rustfmt::skip]
const ORGANIZATIONS: &[Field] = &[
    required("name", "Name", &["organization", "organization name", "org name", "organisation", "display name", "member", "member name", "ngo"]),
    field("legal_name", "Legal name", &["official name", "registered name", "legal entity"]),
    field("former_names", "Former names", &["former name", "previous name", "previous names", "formerly", "aka", "also known as"]),
    field("ein", "EIN", &["tax id", "tax id number", "employer identification number", "federal tax id", "fein", "tin"]),
    field("website", "Website", &["web site", "web", "url", "homepage", "web address", "domain"]),
    field("category", "Category", &["type", "kind", "member type", "organization type", "sector", "group"]),
    field("city", "City", &["town", "office city", "main office", "headquarters"]),
    field("state", "State", &["office state", "state code", "st", "home state"]),
    field("postal_address", "Postal address", &["address", "mailing address", "street address", "street"]),
    field("states", "Also works in", &["states", "works in", "active in", "service area", "other states"]),
    field("track", "Track", &["member or observer", "membership", "membership type", "membership track"]),
    field("number", "Admission number", &["number", "member number", "no", "nr", "member no", "membership number", "member id", "admission no"]),
    field("admitted_on", "Admitted on", &["admitted", "admission date", "date admitted", "joined", "join date", "date joined", "member since", "since"]),
    field("committed_on", "Commitment document dated", &["commitment date", "commitment document", "commitment document date", "date of commitment", "letter date", "resolution date"]),
    field("left_on", "Left on", &["left", "date left", "end date", "resigned on", "resigned", "until", "membership ended"]),
    field("left_how", "How it left", &["how left", "reason left", "left because", "how"]),
    field("contact_1_name", "Contact 1: name", &["contact", "contact name", "contact person", "primary contact", "delegate", "delegate name", "contact1", "contact 1"]),
    field("contact_1_email", "Contact 1: e-mail", &["email", "e mail", "contact email", "contact e mail", "delegate email", "primary email", "contact 1 email", "contact1 email"]),
    field("contact_1_phone", "Contact 1: phone", &["phone", "telephone", "contact phone", "delegate phone", "tel", "contact 1 phone", "contact1 phone"]),
    field("contact_1_role", "Contact 1: role", &["role", "contact role", "contact1 role"]),
    field("contact_2_name", "Contact 2: name", &["contact 2", "second contact", "alternate", "alternate name", "contact2", "contact2 name"]),
    field("contact_2_email", "Contact 2: e-mail", &["contact 2 email", "second email", "alternate email", "email 2", "contact2 email"]),
    field("contact_2_phone", "Contact 2: phone", &["second phone", "alternate phone", "phone 2", "contact2 phone"]),
    field("contact_2_role", "Contact 2: role", &["contact2 role"]),
    field("contact_3_name", "Contact 3: name", &["contact 3", "third contact", "press contact", "contact3", "contact3 name"]),
    field("contact_3_email", "Contact 3: e-mail", &["contact 3 email", "third email", "press email", "email 3", "contact3 email"]),
    field("contact_3_phone", "Contact 3: phone", &["third phone", "press phone", "phone 3", "contact3 phone"]),
    field("contact_3_role", "Contact 3: role", &["contact3 role"]),
];

#[rustfmt::skip]
const CONTACTS: &[Field] = &[
    field("organization", "Organization", &["organization name", "org", "org name", "member", "member name", "company", "ngo", "employer"]),
    field("number", "Admission number", &["number", "member number", "no", "member no", "membership number", "member id"]),
    required("name", "Name", &["contact", "contact name", "person", "full name", "contact person"]),
    required("email", "E-mail", &["email", "email address", "e mail address", "mail", "contact email"]),
    field("phone", "Phone", &["telephone", "tel", "mobile", "phone number", "contact phone"]),
    field("title", "Title", &["job title", "position"]),
    field("role", "Role", &["contact role", "function", "role for the coalition"]),
    field("from", "Since", &["from", "start", "start date", "contact since"]),
];

#[rustfmt::skip]
const ALLIANCES: &[Field] = &[
    required("name", "Name", &["alliance", "alliance name", "title", "local alliance"]),
    field("territory", "Territory", &["state", "states", "territories", "area", "region", "places", "place", "where"]),
    field("summary", "Summary", &["description", "about", "purpose"]),
    field("host", "Host organization", &["host", "hosted by", "host org", "sponsor", "host number", "backed by"]),
    field("launched_on", "Launch date", &["launched on", "launched", "launch", "date launched", "started", "founded"]),
    field("status", "Status", &["state of the alliance", "stage", "phase"]),
    field("leader", "Leader", &["leader name", "led by", "founder", "contact", "contact name", "chair"]),
    field("leader_title", "Leader’s title", &["leader title", "job title"]),
    field("leader_email", "Leader’s e-mail", &["leader email", "email", "e mail", "contact email", "leader e mail"]),
];

macro_rules! donor_fields {
    ($($more:expr),* $(,)?) => { &[
        field("name", "Name", &["donor", "donor name", "full name", "contact name", "display name", "giver", "constituent", "constituent name"]),
        field("first_name", "First name", &["first", "given name", "forename"]),
        field("last_name", "Last name", &["last", "surname", "family name"]),
        field("kind", "Kind of donor", &["donor type", "contact type", "constituent type"]),
        field("email", "E-mail", &["email", "email address", "e mail address", "mail", "donor email", "primary email"]),
        field("address", "Postal address", &["street", "street address", "mailing address", "address line 1", "address 1"]),
        field("city", "City", &["town"]),
        field("state", "State", &["st", "state code", "state province", "province", "region"]),
        field("zip", "ZIP", &["zip code", "postal code", "postcode"]),
        field("country", "Country", &["country code"]),
        $($more),*
    ] };
}

#[rustfmt::skip]
const DONORS: &[Field] = donor_fields!();

#[rustfmt::skip]
const GIFTS: &[Field] = donor_fields!(
    required("amount", "Amount", &["gift amount", "donation amount", "total amount", "total", "gross", "intended"]),
    required("date", "Date", &["gift date", "donation date", "date received", "received date", "received on", "close date", "transaction date"]),
    field("currency", "Currency", &["currency code"]),
    field("fund", "Fund", &["designation", "financial type", "account", "allocation"]),
    field("campaign", "Campaign", &["campaign name"]),
    field("source", "Source code", &["source", "appeal", "appeal code", "contribution source"]),
    field("in_honor_of", "In honor of", &["honoree", "honor of", "in honour of"]),
    field("in_memory_of", "In memory of", &["memorial", "memory of"]),
    field("called", "Its number there", &["gift id", "donation id", "transaction id", "contribution id", "id", "trxn id", "receipt number"]),
    field("method", "How it came", &["payment method", "payment type", "payment instrument", "method of payment", "payment gateway", "paid by", "way"]),
    field("reference", "Reference", &["check number", "check no", "cheque number", "check reference number", "check ref", "reference number", "payment reference", "ref"]),
    field("description", "What was given", &["gift description", "in kind description", "description", "stock symbol", "item"]),
);

impl Kind {
    pub(super) const fn fields(self) -> &'static [Field] {
        match self {
            Self::Organizations => ORGANIZATIONS,
            Self::Contacts => CONTACTS,
            Self::Alliances => ALLIANCES,
            Self::Donors => DONORS,
            Self::Gifts => GIFTS,
        }
    }

    /// What a kind is about, on the page where it is chosen.
    pub(super) const fn about(self) -> &'static str {
        match self {
            Self::Organizations => "Past and present members and observers, each with up to three contacts",
            Self::Contacts => "People of organizations that are on record already",
            Self::Alliances => "Local alliances with their territory, host organization and leader",
            Self::Donors => "People, organizations and households that give",
            Self::Gifts => "Gifts that came by another way, each with its donor: known by e-mail, or entered",
        }
    }
}

/// Letters and digits alone, single spaces between.
fn plain(heading: &str) -> String {
    let folded = text::fold(heading).replace(['\'', '’'], "");
    folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The field of each heading, as far as it can be guessed; each field once, the label before other words for it.
pub(super) fn guess(kind: Kind, headings: &[String]) -> Vec<String> {
    let mut guessed = vec![String::new(); headings.len()];
    let plainly: Vec<_> = headings.iter().map(|h| plain(h)).collect();
    for field in kind.fields() {
        let names: Vec<String> =
            [field.label, field.key].into_iter().map(plain).chain(field.also.iter().map(|a| (*a).to_owned())).collect();
        let found = names.iter().find_map(|name| plainly.iter().position(|p| p == name));
        if let Some(at) = found.filter(|at| guessed[*at].is_empty()) {
            field.key.clone_into(&mut guessed[at]);
        }
    }
    guessed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_guessed_from_what_people_call_them() {
        let headings = ["No.", "Organisation", "Tax ID", "E-Mail", "Date joined", "Shoe size", "Leader’s title"];
        let headings: Vec<String> = headings.map(str::to_owned).into();
        assert_eq!(
            guess(Kind::Organizations, &headings),
            ["number", "name", "ein", "contact_1_email", "admitted_on", "", ""].map(str::to_owned)
        );
        assert_eq!(guess(Kind::Alliances, &headings)[6], "leader_title");
    }

    #[test]
    fn the_labels_themselves_are_headings() {
        for kind in Kind::ALL {
            let headings: Vec<String> = kind.fields().iter().map(|f| f.label.to_owned()).collect();
            let keys: Vec<String> = kind.fields().iter().map(|f| f.key.to_owned()).collect();
            assert_eq!(guess(*kind, &headings), keys);
        }
    }
}
