namespace Ringfence.Core.Wire;

/// <summary>What is known of the checksum of a packet's UDP or TCP.</summary>
internal enum ChecksumState
{
    /// <summary>From a capture: it is right, or one that a network card would have completed.</summary>
    Captured,

    /// <summary>Nobody looked at it yet: what is wrong the PBX's kernel throws away.</summary>
    Unseen,

    /// <summary>The kernel does not look at it any more: a network card did, or the packet never was on a wire.</summary>
    Vouched,
}
