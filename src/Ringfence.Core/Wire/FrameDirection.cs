namespace Ringfence.Core.Wire;

/// <summary>Whether the PBX's machine sent a frame, as its kernel says (PACKET_OUTGOING).</summary>
internal enum FrameDirection
{
    /// <summary>Nobody says: a capture file, a mirror port.</summary>
    Unknown,

    In,

    Out,
}
