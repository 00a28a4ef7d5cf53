using System.Net;

namespace Ringfence.Core.Host.Filter;

/// <summary>The first packet that a stranger sends to this machine: a TCP SYN or a datagram, from an address that no rule names.</summary>
/// <param name="Protocol">"tcp" or "udp".</param>
/// <param name="Interface">By which it comes; null: not known.</param>
/// <param name="IsOverLimit">He sends faster than every limit allows.</param>
internal sealed record Probe(bool IsIPv6, string Protocol, int Port, IPAddress Source, string? Interface, bool IsOverLimit = false);

/// <summary>What may become of a packet. One flag: that is sure; several: what was not understood decides.</summary>
[Flags]
internal enum Outcomes
{
    None = 0,
    Accept = 1,
    Drop = 2,

    /// <summary>On to the next rule, or back to the chain that jumped here.</summary>
    Continue = 4,
}
