import { useNotifications } from "carewire/react";
import { useCallback, useId, useState } from "react";
import { count, time } from "../ui/format";
import { Icon } from "../ui/Icon";
import { useEscape } from "../ui/useEscape";

/** The notifications, the newest first. */
export function Bell() {
  const { notifications, unreadCount, markRead, markAllRead, hasOlder, loadOlder } = useNotifications();
  const [open, setOpen] = useState(false);
  useEscape(
    open,
    useCallback(() => setOpen(false), []),
  );
  const list = useId();
  return (
    <div className="bell">
      <button
        className="quiet"
        aria-label={`Notifications, ${unreadCount} unread`}
        aria-expanded={open}
        aria-controls={list}
        onClick={() => setOpen(!open)}
      >
        <Icon name="bell" />
        {unreadCount > 0 && <span className="badge">{unreadCount}</span>}
      </button>
      {open && (
        <div className="popover" id={list} role="group" aria-label="Notifications">
          <div className="popover-head">
            <strong>{count(unreadCount, "unread notification")}</strong>
            <button disabled={unreadCount === 0} onClick={markAllRead}>
              Mark all read
            </button>
          </div>
          {notifications.length === 0 && <p className="empty">Nothing yet.</p>}
          <ul>
            {notifications.map((notification) => (
              <li key={notification.id}>
                <button
                  className="row-button notification"
                  data-unread={!notification.readAt}
                  data-priority={notification.priority}
                  onClick={() => markRead(notification.id)}
                >
                  <strong>{notification.title}</strong>
                  <span>{notification.message}</span>
                  <small>
                    {time(notification.createdAt)}
                    {!notification.readAt && " · unread"}
                  </small>
                </button>
              </li>
            ))}
          </ul>
          {hasOlder && <button onClick={() => void loadOlder()}>Older</button>}
        </div>
      )}
    </div>
  );
}
