using System.Globalization;

namespace Ringfence.Core.Firewall;

/// <summary>The part of the table that limits SIP: behind the bans, and not for who is trusted.</summary>
/// <remarks>
/// A forged source costs its forger nothing, so a meter for each address holds a flood of a million of them no better than no meter, and
/// its full set opens the door (70,000 forged addresses fill 65,536 places in a second). So what was not seen within the last seconds goes
/// through one meter for all and is remembered as seen, dropped or not: a phone asks again after half a second and is then among those
/// who came back, where each address has its own meter. A forger who wants to be there must send twice from each address, and
/// meets the second meter for all. Whoever is trusted meets none of it: ban first, trust second, limit third.
/// <para>
/// Whoever is throttled attacked over UDP and never proved that he is at that address: a few forged packets look the same. So nothing of
/// his is cut off but SIP over UDP, and of that a REGISTER or INVITE comes through now and then, four at once: what a phone with two lines takes to log in
/// (one request that is challenged, one that answers), or a PBX that only calls. Who lives at the address logs in, and is trusted from then on; a scanner gets six
/// answers a minute.
/// </para>
/// </remarks>
internal static class LimitRules
{
    /// <summary>What single addresses sent beyond their rate.</summary>
    public const string Counter = "limited";

    /// <summary>What all together sent beyond the rate for all.</summary>
    public const string TogetherCounter = "limited_together";

    /// <summary>What of those who are throttled did not come through.</summary>
    public const string ThrottleCounter = "throttled";

    /// <summary>Datagrams that no phone sends, whoever they say they are from; see <see cref="LongestDatagram"/>.</summary>
    public const string LongCounter = "too_long";

    /// <summary>More bytes than that, header and all, no message of SIP over UDP may have.</summary>
    /// <remarks>
    /// Of what HEP can't tell (<see cref="Sip.UntoldByHep"/>) the answer is the danger: a forger has it sent to himself, reads the nonce that another address was sent in that second, and writes in its
    /// name as if it were proven. Asterisk writes back what it was sent, a byte as up to three of them (%NN), and the Call-ID stands twice in a datagram of HEP:
    /// three times this and the rest of an answer fit into its 65,507 bytes. A message of more than 1,300 bytes should come over TCP anyway (RFC 3261 section 18.1.1).
    /// </remarks>
    public const int LongestDatagram = 20_000;

    public const string Strangers = "strangers";
    public const string Again = "again";
    public const string Excess = "excess";
    public const string Throttle = "throttle";
    public const string Login = "login";
    public const string Withheld = "withheld";

    /// <summary>Who jumps stands before where he jumps to.</summary>
    public static readonly string[] Chains = [Strangers, Again, Excess, Throttle, Login, Withheld];

    // A phone owns its whole /64, and so does an attacker.
    private const string Source6 = "ip6 saddr & ffff:ffff:ffff:ffff::";

    // The first four bytes behind the UDP header: REGI, INVI. Compact or folded, a method is always written out and comes first (RFC 3261, 7.1).
    private const string IsRegister = "@th,64,32 0x52454749";
    private const string IsInvite = "@th,64,32 0x494e5649";
    private const string Trickle = "limit rate 6/minute burst 4 packets";

    public static List<string> Sets =>
    [
        "add set inet ringfence trusted4 { type ipv4_addr; flags interval; }",
        "add set inet ringfence trusted6 { type ipv6_addr; flags interval; }",
        "add set inet ringfence throttled4 { type ipv4_addr; flags timeout; }",
        "add set inet ringfence throttled6 { type ipv6_addr; flags timeout; }",
        .. LimitSet.All.Select(set => string.Create(CultureInfo.InvariantCulture,
            $"add set inet ringfence {set.Name} {{ type {(set.IsIPv4 ? "ipv4_addr" : "ipv6_addr")}; size {set.Entries}; flags dynamic, timeout; timeout {set.Timeout.TotalSeconds}s; }}")),
    ];

    public static IEnumerable<(string Chain, string Rule)> Of(SipLimits limits)
    {
        var together = $"limit rate over {limits.TogetherRate}/second burst {limits.TogetherRate} packets counter name \"{TogetherCounter}\" drop";
        var alone = $"limit rate over {limits.Rate}/second burst {limits.Burst} packets";
        if (limits.Datagrams.Count > 0)
        {
            var ports = $"udp dport {{ {string.Join(", ", limits.Datagrams)} }}";

            // Trusted or not: that address is what is forged. In fragments the first one says how long the whole is; 0 means as long as the packet over IPv6 (RFC 2675 section 4).
            yield return (RulesetText.Arriving, string.Create(CultureInfo.InvariantCulture, $"{ports} udp length {{ 0, {LongestDatagram + 1}-65535 }} counter name \"{LongCounter}\" drop"));
            yield return (RulesetText.Arriving, $"{ports} jump {Strangers}");
        }

        // What follows on a connection is from whom it says, so the detector bans him; the first packet may be forged.
        yield return (RulesetText.Arriving, $"tcp dport {{ {string.Join(", ", limits.Connections)} }} tcp flags & (fin | syn | rst | ack) == syn jump {Strangers}");

        yield return (Strangers, "ip saddr @trusted4 return");
        yield return (Strangers, "ip6 saddr @trusted6 return");
        yield return (Strangers, $"meta l4proto udp ip saddr @throttled4 goto {Throttle}");
        yield return (Strangers, $"meta l4proto udp {Source6} @throttled6 goto {Throttle}");
        yield return (Strangers, $"ip saddr @seen4 goto {Again}");
        yield return (Strangers, $"{Source6} @seen6 goto {Again}");
        yield return (Strangers, "add @seen4 { ip saddr }");
        yield return (Strangers, $"add @seen6 {{ {Source6} }}");
        yield return (Strangers, together);

        yield return (Again, "update @seen4 { ip saddr }");
        yield return (Again, $"update @seen6 {{ {Source6} }}");
        yield return (Again, $"update @rated4 {{ ip saddr {alone} }} goto {Excess}");
        yield return (Again, $"update @rated6 {{ {Source6} {alone} }} goto {Excess}");
        yield return (Again, together);

        yield return (Excess, "update @limited4 { ip saddr counter }");
        yield return (Excess, $"update @limited6 {{ {Source6} counter }}");
        yield return (Excess, $"counter name \"{Counter}\"");
        yield return (Excess, "drop");

        yield return (Throttle, $"{IsRegister} goto {Login}");
        yield return (Throttle, $"{IsInvite} goto {Login}");
        yield return (Throttle, $"goto {Withheld}");

        // A full set lets nothing through, and what comes through meets the limits all the same: a forger has as many throttled addresses as he likes.
        yield return (Login, $"update @trickle4 {{ ip saddr {Trickle} }} goto {Again}");
        yield return (Login, $"update @trickle6 {{ {Source6} {Trickle} }} goto {Again}");
        yield return (Login, $"goto {Withheld}");

        yield return (Withheld, $"counter name \"{ThrottleCounter}\"");
        yield return (Withheld, "drop");
    }
}
