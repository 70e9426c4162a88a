//! What an import means for the admission numbers, in words: before it is applied, and when it is taken back.
use super::{Kind, Run, undo::Written};
use crate::kernel::text;
use maud::{Markup, html};

/// What the dry run says of the numbers it would enter.
pub(super) fn to_come(numbers: &[i64], next: i64, held: i64) -> Markup {
    let lowest = numbers.iter().min().copied().unwrap_or_default();
    let highest = numbers.iter().max().copied().unwrap_or_default();
    let last = highest.max(next - 1);
    let unknown = last - held - i64::try_from(numbers.len()).unwrap_or_default();
    html! {
        @if !numbers.is_empty() {
            p {
                @if lowest == highest { "Admission number " (lowest) ". " }
                @else { (text::number(i64::try_from(numbers.len()).unwrap_or_default())) " admission numbers from " (lowest) " to " (highest) ". " }
                @if highest >= next { "The sequence, which would go on with " (next) ", goes on with " (highest + 1) " after it." }
                @else { "The sequence goes on with " (next) " as before." }
                @if unknown > 0 { " " (text::count(unknown, "number is", "numbers are")) " then not accounted for in the register." }
            }
        }
    }
}

/// Whether the numbers above those before the import may be given out again: nobody who stays holds one of them.
pub(super) fn may_return(run: &Run, all: &[Written]) -> bool {
    let (Some(before), Some(after)) = (run.number_before, run.number_after) else { return false };
    run.kind == Kind::Organizations && after > before && all.iter().all(|one| one.held.is_none())
}

/// What becomes of the numbers of an import that is taken back; nothing is said when it brought none.
pub(super) fn taken_back(run: &Run, numbered: bool) -> Markup {
    html! {
        @if let (true, Some(before), Some(after)) = (numbered, run.number_before, run.number_after) {
            h2 { "The admission numbers" }
            p { "The register does not forget: these numbers stood on the public roll from the moment the import was applied. Their organizations leave it now, and the numbers are not accounted for again. Their right holders can be entered, by hand or by another import. Left as it is, the sequence never gives them to somebody else." }
            @if after > before {
                p { "The sequence stood at " (before) " before the import and stands at " (after) " with it. It goes on with " (after + 1) ", as long as you do not say otherwise." }
            }
        }
    }
}
