// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// Joins a channel. With `epoch` and `offset`, everything after that position follows.
public struct ChannelSubscribeCommand: Command {
    public typealias Reply = RoomJoinReply
    public static let wireName = "channel:subscribe"

    /// The channel.
    public var channel: RoomID
    /// The life of the log the position belongs to.
    public var epoch: Epoch?
    /// The offset of the last event delivered.
    public var offset: Int?

    public init(channel: RoomID, epoch: Epoch? = nil, offset: Int? = nil) {
        self.channel = channel
        self.epoch = epoch
        self.offset = offset
    }
}

/// Leaves a channel.
public struct ChannelUnsubscribeCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "channel:unsubscribe"

    /// The channel.
    public var channel: RoomID

    public init(channel: RoomID) {
        self.channel = channel
    }
}

/// Publishes to a channel: staff, admins and services, unless the access file says otherwise.
public struct ChannelPublishCommand: Command, Private {
    public typealias Reply = Empty
    public static let wireName = "channel:publish"

    /// The channel.
    public var channel: RoomID
    /// The event's name, chosen by the application; at most 1,024 bytes.
    public var event: String
    /// Any JSON, at most 256 KiB.
    public var payload: JSONValue

    public init(channel: RoomID, event: String, payload: JSONValue) {
        self.channel = channel
        self.event = event
        self.payload = payload
    }

    public var description: String {
        "ChannelPublishCommand(channel: \(channel), event: \(event), payload: …)"
    }
}

/// Somebody published to a channel.
public struct ChannelEventEvent: Codable, Hashable, Sendable, Private {
    /// The channel.
    public var channel: RoomID
    /// The event's name, chosen by the application.
    public var event: String
    /// Any JSON.
    public var payload: JSONValue

    public init(channel: RoomID, event: String, payload: JSONValue) {
        self.channel = channel
        self.event = event
        self.payload = payload
    }

    public var description: String {
        "ChannelEventEvent(channel: \(channel), event: \(event), payload: …)"
    }
}
