import { useReport } from "carewire/react";
import { useMe } from "../clinic/me";

/** A report that takes a while: asked for, watched, called off. */
export function ReportCard() {
  const me = useMe();
  const { report, refresh, cancel } = useReport(`summary-${me.id}`);
  const running = report?.status === "pending" || report?.status === "running";
  return (
    <section className="card" aria-label="Visit summary">
      <h3>Visit summary</h3>
      {report && (
        <div className="progress">
          <progress max={100} value={report.progress} aria-label="Progress of the report" />
          <span role="status">
            {running ? `${Math.round(report.progress)} %` : report.status}
            {report.message && ` · ${report.message}`}
          </span>
        </div>
      )}
      <div className="buttons">
        {running ? (
          <button onClick={() => cancel().catch(reportError)}>Cancel</button>
        ) : (
          <button onClick={() => refresh().catch(reportError)}>
            {report?.status === "completed" ? "Make it again" : "Make the report"}
          </button>
        )}
        {report?.status === "completed" && report.downloadUrl && (
          <a href={report.downloadUrl} download>
            Download ({report.format}, {Math.round((report.sizeBytes ?? 0) / 1024)} KB)
          </a>
        )}
      </div>
    </section>
  );
}
