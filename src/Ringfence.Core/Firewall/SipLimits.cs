using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Firewall;

/// <summary>How much SIP the kernel lets in from addresses that are neither trusted nor banned.</summary>
/// <param name="Datagrams">The ports whose UDP packets count.</param>
/// <param name="Connections">The ports whose new TCP connections count.</param>
/// <param name="Rate">Packets a second of one address (IPv6: of its /64).</param>
/// <param name="Burst">So many at once before the rate holds.</param>
/// <param name="TogetherRate">Packets a second of all addresses that were not seen a moment ago; and as many again of all that were.</param>
internal sealed record SipLimits(IReadOnlyList<ushort> Datagrams, IReadOnlyList<ushort> Connections, int Rate, int Burst, int TogetherRate)
{
    /// <returns>null: the operator turned them off, or the PBX speaks no SIP.</returns>
    public static SipLimits? Of(FirewallSettings settings, SipPorts ports) => settings.Rate == 0 || ports.Clear.Count + ports.Opaque.Count == 0
        ? null
        : new SipLimits(ports.Clear, [.. ports.Clear.Concat(ports.Opaque).Distinct()], settings.Rate, settings.Burst, settings.GlobalRate);
}

/// <summary>All that the table's rules depend on.</summary>
/// <param name="Reject">Answer a banned address with a TCP reset or an ICMP error instead of silence.</param>
/// <param name="Limits">null: none.</param>
internal sealed record Ruleset(bool Reject, SipLimits? Limits = null);
