//! The table: what was to be reached, what was measured, and whether that is enough.

#[derive(Clone, Copy, Debug)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
    /// For comparison only.
    None,
}

struct Line {
    what: String,
    goal: Goal,
    unit: &'static str,
    measured: f64,
    note: String,
}

#[derive(Default)]
pub struct Figures {
    lines: Vec<Line>,
}

impl Figures {
    pub fn add(&mut self, what: &str, goal: Goal, unit: &'static str, measured: f64, note: impl Into<String>) {
        let line = Line { what: what.to_owned(), goal, unit, measured, note: note.into() };
        eprintln!("  {}", line.cells().join(" | "));
        self.lines.push(line);
    }

    pub fn print(&self, head: &[String]) {
        println!("\n{}\n", head.join("  \n"));
        println!("| what | goal | measured | ok | note |\n|---|---|---|---|---|");
        for line in &self.lines {
            println!("| {} |", line.cells().join(" | "));
        }
    }
}

impl Line {
    fn cells(&self) -> Vec<String> {
        let (goal, ok) = match self.goal {
            Goal::AtLeast(least) => (format!("≥ {}", number(least)), self.measured >= least),
            Goal::AtMost(most) => (format!("≤ {}", number(most)), self.measured <= most),
            Goal::None => (String::new(), true),
        };
        let ok = match self.goal {
            Goal::None => "",
            _ if ok => "yes",
            _ => "**no**",
        };
        let measured = format!("{} {}", number(self.measured), self.unit);
        vec![self.what.clone(), goal, measured.trim_end().to_owned(), ok.to_owned(), self.note.clone()]
    }
}

/// Three digits are as many as can be believed.
fn number(it: f64) -> String {
    match it.abs() {
        size if size >= 100.0 => format!("{it:.0}"),
        size if size >= 10.0 => format!("{it:.1}"),
        size if size >= 1.0 => format!("{it:.2}"),
        _ => format!("{it:.3}"),
    }
}

/// The middle one of several rounds: other work on the machine disturbs some of them.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
