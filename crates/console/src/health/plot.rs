//! Requests over time, drawn as SVG: what was answered goes up from a line, what was refused or failed goes down, so that
//! the two differ by their place and not by colour alone. All geometry is in whole numbers; classes, no inline style.

use std::fmt;

use crate::text::count;
use crate::time::exact;

const WIDTH: i64 = 720;
const HEIGHT: i64 = 140;
/// Room for a line of text above and below.
const TEXT: i64 = 16;

/// The requests of one span of time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bar {
    /// When it begins.
    pub at: i64,
    /// Requests that were answered.
    pub answered: i64,
    /// Requests that were refused: 400 to 499.
    pub refused: i64,
    /// Requests that failed: 500 and above.
    pub failed: i64,
}

impl Bar {
    fn up(self) -> i64 {
        self.answered.max(0)
    }

    fn down(self) -> i64 {
        self.refused.max(0).saturating_add(self.failed.max(0))
    }
}

/// The plot of some bars, as an `svg` element.
pub struct Plot<'a>(pub &'a [Bar]);

// It writes numbers and words of its own, and nothing that was handed in.
impl askama::filters::HtmlSafe for Plot<'_> {}

impl fmt::Display for Plot<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bars = self.0;
        let up = bars.iter().map(|bar| bar.up()).max().unwrap_or(0);
        let down = bars.iter().map(|bar| bar.down()).max().unwrap_or(0);
        let scale = Scale(up.saturating_add(down).max(1));
        let line = TEXT + scale.height(up);
        let height = HEIGHT + 2 * TEXT + 4;
        write!(
            out,
            "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"plot-title plot-desc\">"
        )?;
        out.write_str("<title id=\"plot-title\">Requests over time</title>")?;
        write!(
            out,
            "<desc id=\"plot-desc\">At most {} answered and {} refused or failed in one bar. ",
            count(up),
            count(down)
        )?;
        out.write_str("The table below has the numbers.</desc>")?;
        let step = WIDTH / i64::try_from(bars.len()).unwrap_or(WIDTH).clamp(1, WIDTH);
        for (x, bar) in (0..WIDTH).step_by(usize::try_from(step).unwrap_or(1)).zip(bars) {
            let (up, down, width) =
                (scale.height(bar.up()), scale.height(bar.down()), (step - 1).clamp(1, 40));
            if up > 0 {
                write!(out, "<rect x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{up}\"/>", line - up)?;
            }
            if down > 0 {
                write!(
                    out,
                    "<rect class=\"bad\" x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{down}\"/>",
                    line + 1
                )?;
            }
        }
        write!(out, "<line x1=\"0\" x2=\"{WIDTH}\" y1=\"{line}\" y2=\"{line}\"/>")?;
        write!(
            out,
            "<text x=\"0\" y=\"11\">↑ up to {} answered, ↓ up to {} refused or failed</text>",
            count(up),
            count(down)
        )?;
        if let (Some(first), Some(last)) = (bars.first(), bars.last()) {
            write!(out, "<text x=\"0\" y=\"{height}\">{} UTC</text>", exact(first.at))?;
            write!(
                out,
                "<text x=\"{WIDTH}\" y=\"{height}\" text-anchor=\"end\">{} UTC</text>",
                exact(last.at)
            )?;
        }
        out.write_str("</svg>")
    }
}

/// How many requests the whole height is.
struct Scale(i64);

impl Scale {
    /// Returns the height of that many requests: at least 2 if there are any.
    fn height(&self, requests: i64) -> i64 {
        let height = i128::from(requests) * i128::from(HEIGHT) / i128::from(self.0);
        let height = i64::try_from(height).unwrap_or(HEIGHT);
        if requests > 0 { height.max(2) } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plot_has_a_bar_up_and_a_bar_down() {
        let bars =
            [Bar { at: 0, answered: 100, refused: 30, failed: 10 }, Bar { at: 60_000, ..Bar::default() }];
        let plot = Plot(&bars).to_string();
        assert!(plot.contains("<rect x=\"0\" y=\"16\" width=\"40\" height=\"100\"/>"), "{plot}");
        assert!(
            plot.contains("<rect class=\"bad\" x=\"0\" y=\"117\" width=\"40\" height=\"40\"/>"),
            "{plot}"
        );
        assert_eq!(plot.matches("<rect").count(), 2);
        assert!(plot.contains("<title") && plot.contains("<desc") && !plot.contains("style="));
    }

    #[test]
    fn no_number_of_bars_or_requests_is_too_large() {
        let bars = vec![Bar { at: i64::MAX, answered: i64::MAX, refused: i64::MAX, failed: i64::MIN }; 2_000];
        let plot = Plot(&bars).to_string();
        assert!(plot.matches("<rect").count() <= 2 * 720);
        assert!(Plot(&[]).to_string().ends_with("</svg>"));
    }
}
