//! Charts as SVG, each with its numbers in a table beside it.
use maud::{Markup, html};

/// One bar: a label on the axis, its value, and the value in words.
pub struct Bar {
    pub label: String,
    /// The label in full, for the table and the bar's title.
    pub name: String,
    pub value: i64,
    pub words: String,
    /// Drawn in the strong colour: the current year, say.
    pub strong: bool,
}

/// A column chart. `id` is unique on the page; `title` and `summary` say what is seen.
pub fn columns(id: &str, title: &str, summary: &str, heads: (&str, &str), bars: &[Bar]) -> Markup {
    const HEIGHT: i64 = 180;
    const WIDTH: i64 = 720;
    let most = bars.iter().map(|b| b.value).max().unwrap_or(0).max(1);
    let count = i64::try_from(bars.len().max(1)).unwrap_or(1);
    let step = WIDTH / count;
    let tallest = bars.iter().filter(|b| b.value > 0).max_by_key(|b| b.value);
    html! {
        div.chart {
            figure {
                svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT + 44) } role="img" aria-labelledby={ (id) "-title " (id) "-desc" } {
                    title id={ (id) "-title" } { (title) }
                    desc id={ (id) "-desc" } { (summary) }
                    line.axis x1="0" x2=(WIDTH) y1=(HEIGHT + 20) y2=(HEIGHT + 20) {}
                    @for (n, bar) in (0_i64..).zip(bars) {
                        @let height = i64::try_from(i128::from(bar.value.max(0)) * i128::from(HEIGHT) / i128::from(most)).unwrap_or(0);
                        rect.bar data-strong[bar.strong] x=(n * step + 2) y=(HEIGHT + 20 - height) width=(step - 4) height=(height) rx="1" { title { (bar.name) ": " (bar.words) } }
                        @if tallest.is_some_and(|t| std::ptr::eq(t, bar)) {
                            text.bar-value x=((n * step + step / 2).clamp(40, WIDTH - 40)) y=(HEIGHT + 20 - height - 6) text-anchor="middle" { (bar.words) }
                        }
                        @if !bar.label.is_empty() { text.bar-label x=(n * step + step / 2) y=(HEIGHT + 38) text-anchor="middle" { (bar.label) } }
                    }
                }
                figcaption { (summary) }
            }
            details {
                summary { "The numbers as a table" }
                table {
                    caption { (title) }
                    thead { tr { th scope="col" { (heads.0) } th.num scope="col" { (heads.1) } } }
                    tbody { @for bar in bars { tr { th scope="row" { (bar.name) } td.num data-label=(heads.1) { (bar.words) } } } }
                }
            }
        }
    }
}
