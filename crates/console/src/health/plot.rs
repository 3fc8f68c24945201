//! Requests over time, drawn as SVG: what was answered goes up from a line, what was refused or failed goes down, so that
//! the two differ by their place and not by colour alone. All geometry is in whole numbers; classes, no inline style.

use std::fmt;

use crate::text::count;
use crate::time::exact;

const WIDTH: i64 = 720;
/// What the largest bar up and the largest bar down are together.
const HEIGHT: i64 = 140;

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

impl Plot<'_> {
    /// Returns how much the largest bar is, and from when until when the bars are.
    pub fn legend(&self) -> String {
        let (up, down) = self.most();
        let at = |bar: Option<&Bar>| exact(bar.map_or(0, |bar| bar.at));
        let (up, down, first, last) = (count(up), count(down), at(self.0.first()), at(self.0.last()));
        format!(
            "Upwards at most {up} answered, downwards at most {down} refused or failed; {first} to {last} UTC."
        )
    }

    /// Returns the largest bar up, and the largest down.
    fn most(&self) -> (i64, i64) {
        let most = |of: fn(Bar) -> i64| self.0.iter().map(|bar| of(*bar)).max().unwrap_or(0);
        (most(Bar::up), most(Bar::down))
    }
}

// It writes numbers and words of its own, and nothing that was handed in.
impl askama::filters::HtmlSafe for Plot<'_> {}

impl fmt::Display for Plot<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (up, down) = self.most();
        let scale = Scale(up.saturating_add(down).max(1));
        let line = scale.height(up);
        // The least height of a bar may be more than its share, on both sides of the line.
        let height = HEIGHT + 5;
        write!(out, "<svg viewBox=\"0 0 {WIDTH} {height}\" preserveAspectRatio=\"none\" role=\"img\" ")?;
        out.write_str(
            "aria-labelledby=\"plot-title plot-desc\"><title id=\"plot-title\">Requests over time</title>",
        )?;
        write!(out, "<desc id=\"plot-desc\">{} The table below has the numbers.</desc>", self.legend())?;
        let step = WIDTH / i64::try_from(self.0.len()).unwrap_or(WIDTH).clamp(1, WIDTH);
        let width = (step - 1).clamp(1, 40);
        for (x, bar) in (0..WIDTH).step_by(usize::try_from(step).unwrap_or(1)).zip(self.0) {
            let (up, down) = (scale.height(bar.up()), scale.height(bar.down()));
            if up > 0 {
                write!(out, "<rect x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{up}\"/>", line - up)?;
            }
            if down > 0 {
                let y = line + 1;
                write!(out, "<rect class=\"bad\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{down}\"/>")?;
            }
        }
        write!(out, "<rect y=\"{line}\" width=\"{WIDTH}\" height=\"1\"/></svg>")
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
        assert!(plot.contains("<rect x=\"0\" y=\"0\" width=\"40\" height=\"100\"/>"), "{plot}");
        assert!(
            plot.contains("<rect class=\"bad\" x=\"0\" y=\"101\" width=\"40\" height=\"40\"/>"),
            "{plot}"
        );
        assert_eq!(plot.matches("<rect").count(), 3, "the third one is the line");
        assert!(plot.contains("<title") && plot.contains("<desc") && !plot.contains("style="));
    }

    #[test]
    fn no_number_of_bars_or_requests_is_too_large() {
        let bars = vec![Bar { at: i64::MAX, answered: i64::MAX, refused: i64::MAX, failed: i64::MIN }; 2_000];
        let plot = Plot(&bars).to_string();
        assert!(plot.matches("<rect").count() <= 2 * 720 + 1);
        assert!(Plot(&[]).to_string().ends_with("</svg>"));
    }
}
