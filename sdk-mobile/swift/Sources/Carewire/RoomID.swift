/// The name of a room. Its static functions make those of the contract.
public struct RoomID: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// The first part of the name: `chat`, `visit`, …; of a channel, its domain.
    public var kind: String {
        rawValue.split(separator: ":", maxSplits: 1).first.map(String.init) ?? rawValue
    }

    /// The chat of two people, in either order.
    public static func chat(_ a: UserID, _ b: UserID) -> RoomID {
        let ids = [a.rawValue, b.rawValue].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return RoomID("chat:\(ids[0]):\(ids[1])")
    }

    /// A conversation of chosen members.
    public static func thread(_ id: String) -> RoomID { RoomID("thread:\(id)") }

    /// An appointment or encounter with its participants.
    public static func visit(_ id: VisitID) -> RoomID { RoomID("visit:\(id)") }

    /// A call.
    public static func call(_ id: CallID) -> RoomID { RoomID("call:\(id)") }

    /// What concerns one person.
    public static func user(_ id: UserID) -> RoomID { RoomID("user:\(id)") }

    /// The chart of a patient.
    public static func patient(_ id: UserID) -> RoomID { RoomID("patient:\(id)") }

    /// A report in the making.
    public static func report(_ id: ReportID) -> RoomID { RoomID("report:\(id)") }

    /// The rows of a template.
    public static func template(_ id: TemplateID) -> RoomID { RoomID("template:\(id)") }

    /// What backends are asked, for services.
    public static func backend(_ tenant: TenantID) -> RoomID { RoomID("backend:\(tenant)") }

    /// What people subscribe to.
    public static func topic(_ name: TopicName) -> RoomID { RoomID("topic:\(name)") }
}
