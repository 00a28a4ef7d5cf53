using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;

namespace Ringfence.Bench.Fuzzing;

/// <summary>What comes to the door of roaming users, and what is remembered of them.</summary>
internal static class KnockTargets
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);
    private static readonly KnockKey Key = new("anna", new byte[KnockKey.SecretBytes]);
    private static readonly KnockGate Gate = new([Key], TimeSpan.FromMinutes(1), static _ => DateTimeOffset.MinValue);

    public static IEnumerable<FuzzTarget> All =>
    [
        new("knock", _ => [KnockPacket.Write(Key, new KnockRequest(Now, null, ""), new byte[12]), KnockPacket.Write(Key, new KnockRequest(Now, Address.FromIPv4(0xc633_6407), "phones"), new byte[12])], Knock),
        new("knock-packet", corpus => corpus.Packets, input => FuzzTargets.Ignore(KnockFilter.SourceIn(input) is not null && KnockFilter.PayloadIn(input).IsEmpty)),
        new("knock-key", _ => [Encoding.ASCII.GetBytes(Key.FileText)], input => FuzzTargets.Ignore(KnockKey.ParseFile(Encoding.UTF8.GetString(input)) is null)),
        new("roaming", _ => [Encoding.ASCII.GetBytes("198.51.100.7\t1795305513\tanna\t\nafter\t1795305513000\tanna\n2001:db8::7\t1795305513\tanna\tphones\n")],
            input => FuzzTargets.Ignore(RoamingBook.Parse(Encoding.UTF8.GetString(input), static _ => true, Now).Text().Length == 0)),
    ];

    // A packet that was changed never opens: whatever the fuzzer makes of it.
    private static void Knock(ReadOnlySpan<byte> input)
    {
        var before = Gate.Counts.Opened;
        if (Gate.See(input, Address.FromIPv4(0xc633_6407), Now) is not null && before > 1)
        {
            throw new InvalidOperationException("a packet opened that nobody with the key made");
        }
    }
}
