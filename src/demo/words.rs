//! The names that generated people, places and organizations are made of. None is meant to be a real one,
//! but for what the first user's public page tells.

pub(super) const FIRST: &[&str] = &[
    "Ada", "Amara", "Ana", "Andrea", "Anil", "Béatrice", "Benjamin", "Carlos", "Caroline", "Chidi", "Clara", "Daniel", "David",
    "Deborah", "Elena", "Elias", "Emeka", "Esther", "Fatima", "Francis", "Grace", "Hannah", "Hassan", "Helen", "Ines", "Isaac",
    "Jamal", "James", "Joan", "John", "José", "Judith", "Karen", "Kwame", "Laila", "Laura", "Leah", "Lin", "Lucía", "Malik", "Margaret",
    "María", "Marta", "Martin", "Mei", "Michael", "Miriam", "Nadia", "Naomi", "Nelson", "Nina", "Noor", "Olga", "Omar", "Patricia",
    "Paul", "Peter", "Priya", "Rachel", "Rafael", "Renée", "Robert", "Rosa", "Ruth", "Samuel", "Sara", "Sofía", "Stefan", "Susan",
    "Tariq", "Teresa", "Thomas", "Tomás", "Ursula", "Vera", "Victor", "Wanda", "William", "Yusuf", "Zoë",
];

pub(super) const LAST: &[&str] = &[
    "Abebe", "Adeyemi", "Ahmed", "Alvarez", "Anderson", "Baker", "Becker", "Bennett", "Brown", "Castillo", "Chen", "Clark", "Cohen",
    "Cooper", "Cruz", "Davis", "Diallo", "Díaz", "Edwards", "Farah", "Fischer", "Flores", "Foster", "Garcia", "Goldberg", "Gonzalez",
    "Green", "Gupta", "Hansen", "Harris", "Hernández", "Hoffman", "Hughes", "Ibrahim", "Jackson", "Jensen", "Johnson", "Kaplan", "Kelly",
    "Khan", "Kim", "Kowalski", "Larsen", "Lee", "Levine", "Lewis", "Lopez", "Martin", "Martínez", "Mbeki", "Miller", "Mitchell", "Moore",
    "Morales", "Murphy", "Nakamura", "Nguyen", "Novak", "O’Brien", "O’Connor", "Okafor", "Olsen", "Ortiz", "Osei", "Park", "Patel",
    "Pérez", "Phillips", "Ramirez", "Reyes", "Richter", "Rivera", "Roberts", "Rosen", "Ruiz", "Russo", "Saleh", "Sanchez", "Schmidt",
    "Schwartz", "Scott", "Shah", "Silva", "Singh", "Smith", "Sullivan", "Tanaka", "Taylor", "Thompson", "Torres", "Tran", "Turner",
    "Vargas", "Walker", "Washington", "Weber", "Weiss", "Williams", "Wilson", "Wong", "Wright", "Yamamoto", "Young", "Zhang",
];

/// City and state.
pub(super) const PLACES: &[(&str, &str)] = &[
    ("New York", "NY"), ("Washington", "DC"), ("Saint Paul", "MN"), ("Minneapolis", "MN"), ("Boston", "MA"), ("Chicago", "IL"),
    ("Philadelphia", "PA"), ("San Francisco", "CA"), ("Los Angeles", "CA"), ("Seattle", "WA"), ("Denver", "CO"), ("Atlanta", "GA"),
    ("Austin", "TX"), ("Portland", "OR"), ("Baltimore", "MD"), ("Ann Arbor", "MI"), ("Madison", "WI"), ("New Haven", "CT"),
    ("Santa Fe", "NM"), ("Burlington", "VT"), ("Pittsburgh", "PA"), ("Columbus", "OH"), ("Durham", "NC"), ("Miami", "FL"),
];

pub(super) const STREETS: &[&str] =
    &["Oak Street", "Maple Avenue", "Second Street", "Park Avenue", "Hill Road", "Lake Drive", "College Street", "River Road", "Elm Street", "Summit Avenue"];

/// Name, category and founding year of the members before the 39th, in the order of their admission.
pub(super) const MEMBERS: &[(&str, &str)] = &[
    ("Advocates for Global Accountability", "human-rights"),
    ("American Conference of Women Jurists", "womens-groups"),
    ("Atlantic Bar Association", "bar-associations"),
    ("Baptist Fellowship for Peace and Justice", "religious"),
    ("Campus Network for International Law", "students-and-young-adults"),
    ("Center for Survivors of Atrocity", "victims"),
    ("Citizens for Global Institutions", "others"),
    ("Coalition of Genocide Survivors’ Families", "victims"),
    ("Columbia Valley Bar Foundation", "bar-associations"),
    ("Committee of Concerned Jurists", "bar-associations"),
    ("Episcopal Office for Human Dignity", "religious"),
    ("Federation of University Women for Peace", "womens-groups"),
    ("Friends Council on International Justice", "religious"),
    ("Global Youth for the Rule of Law", "students-and-young-adults"),
    ("Great Lakes Human Rights Institute", "human-rights"),
    ("Harbor Initiative on War Crimes", "human-rights"),
    ("Human Rights Educators’ League", "human-rights"),
    ("Institute for Transitional Justice Studies", "human-rights"),
    ("Interfaith Assembly for the Court", "religious"),
    ("Jewish Voices for International Law", "religious"),
    ("Jurists Without Frontiers", "bar-associations"),
    ("Lawyers’ Guild for Humanity", "bar-associations"),
    ("League of Women for World Law", "womens-groups"),
    ("Mennonite Peace Office", "religious"),
    ("Mid-Atlantic Lawyers for Human Rights", "bar-associations"),
    ("Minority Rights Watchers", "human-rights"),
    ("National Association of Peace Veterans", "veterans"),
    ("National Network for Child Soldiers’ Recovery", "victims"),
    ("Pacific Institute on Mass Violence", "human-rights"),
    ("Physicians Against Torture", "human-rights"),
    ("Presbyterian Witness at the United Nations", "religious"),
    ("Society for Humanitarian Law Teaching", "others"),
    ("Student Assembly on Genocide", "students-and-young-adults"),
    ("Unitarian Office for World Community", "religious"),
    ("United Veterans for Lawful Conduct", "veterans"),
    ("Women’s Caucus for Gender Justice in America", "womens-groups"),
    ("World Federalist Circle", "others"),
    ("World Without Genocide", "human-rights"),
];

pub(super) const OBSERVERS: &[(&str, &str)] = &[
    ("Archive of the Nuremberg Record", "others"),
    ("Association of International Law Libraries", "others"),
    ("Clinic for Treaty Practice", "bar-associations"),
    ("Office of Campus Ministries for Peace", "religious"),
    ("Open Courtroom Project", "human-rights"),
];

/// Parts of the names of further organizations, where many are needed.
pub(super) const ORGANIZATION_FIRST: &[&str] =
    &["American", "Atlantic", "Central", "Citizens’", "Civic", "Continental", "Eastern", "Global", "Great Plains", "Interfaith", "Lakeland", "Metropolitan", "Midwest", "National", "New England", "Northern", "Pacific", "People’s", "Southern", "United", "Western", "World"];
pub(super) const ORGANIZATION_MIDDLE: &[&str] =
    &["Accountability", "Civil Rights", "Gender Justice", "Genocide Prevention", "Human Rights", "Humanitarian Law", "International Justice", "Law and Peace", "Peace", "Refugee", "Rule of Law", "Survivors’", "Treaty", "War Crimes", "World Law"];
pub(super) const ORGANIZATION_LAST: &[&str] = &["Alliance", "Association", "Center", "Coalition", "Committee", "Council", "Forum", "Foundation", "Fund", "Institute", "League", "Network", "Project", "Society", "Union"];

/// Slug and name of the kinds of members.
pub(super) const CATEGORIES: &[(&str, &str)] = &[
    ("bar-associations", "Bar associations"),
    ("womens-groups", "Women’s groups"),
    ("human-rights", "Human rights"),
    ("religious", "Religious"),
    ("veterans", "Veterans’"),
    ("victims", "Victims’"),
    ("students-and-young-adults", "Students and young adults"),
    ("others", "Others"),
];
