//! The table `progress`: up to where a job of the activity has come. Which job it is, and what its position means, is the job's.

use database::Statement;

/// Returns the statement that notes up to where a job has come.
pub(super) fn note(job: &str, position: String) -> Statement {
    let sql = "INSERT INTO progress (job, position) VALUES (?1, ?2) \
        ON CONFLICT (job) DO UPDATE SET position = excluded.position";
    Statement::new(sql, vec![job.into(), position.into()])
}
