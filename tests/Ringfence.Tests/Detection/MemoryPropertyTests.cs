using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Detection;

/// <summary>What holds for all that detection remembers, whatever is sent.</summary>
[Collection(nameof(Alone))]
public sealed class MemoryPropertyTests
{
    private static readonly long Start = new DateTime(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc).Ticks;

    [Fact]
    public void A_million_forged_addresses_accounts_and_User_Agents_fill_a_bounded_memory()
    {
        var judge = NewJudge();
        var sink = new Judge.Sink(judge);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < 1_000_000; i++)
        {
            var name = Encoding.ASCII.GetBytes($"{i}x");
            var kind = (i % 3) switch { 0 => EventKind.PasswordRefused, 1 => EventKind.AccountUnknown, _ => EventKind.ChallengeSent };
            sink.See(Event(kind, new Address(0x2001_0db8_0000_0000UL + ((ulong)i << 8), 1), i, name, name));
            judge.Decisions.Clear();
        }

        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 120 << 20, $"{grown >> 20} MiB");
        GC.KeepAlive(judge);
    }

    [Fact]
    public void Half_a_million_accounts_that_log_in_fill_a_bounded_memory()
    {
        var known = new KnownAccounts(new DetectionSettings());
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < 500_000; i++)
        {
            // Sixteen logins each, from as many networks with as many phones.
            var name = Encoding.ASCII.GetBytes($"{i / 16}");
            known.Refuse(Event(EventKind.PasswordRefused, Address.FromIPv4((uint)i << 8), i, name, name), (uint)i);
            known.LogIn(Event(EventKind.LoginSucceeded, Address.FromIPv4((uint)i << 8), i, name, Encoding.ASCII.GetBytes(Letters(i))), (uint)i, default);
        }

        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(known.Count, 1, KnownAccounts.Capacity);
        Assert.All(known.All, account => Assert.InRange(account.Networks.Count + account.Agents.Count, 2, 2 * KnownAccount.Most));
        Assert.True(grown < 40 << 20, $"{grown >> 20} MiB");
        Assert.True(KnownAccountsText.Write(known).Length < 64 << 20);
    }

    [Fact]
    public void An_address_that_only_ever_logs_in_is_never_banned()
    {
        var seed = new Random(20_261_121);
        var judge = NewJudge();
        var sink = new Judge.Sink(judge);

        for (var i = 0; i < 200_000; i++)
        {
            // Few addresses, accounts and phones, so that every one of them has a story.
            var account = Encoding.ASCII.GetBytes($"{1000 + seed.Next(40)}");
            sink.See(Event(
                EventKind.LoginSucceeded, Address.FromIPv4(0xc0000200u + (uint)seed.Next(8) + ((uint)seed.Next(4) << 8)), i * 30, account, Encoding.ASCII.GetBytes(Letters(seed.Next(6)))));
        }

        Assert.DoesNotContain(judge.Decisions, decision => decision is Ban);
    }

    [Fact]
    public void The_same_events_give_the_same_decisions()
    {
        var first = Random(NewJudge(), 20_261_121);
        var second = Random(NewJudge(), 20_261_121);

        Assert.NotEmpty(first);
        Assert.Equal(first, second);
        Assert.Contains(first, decision => decision.StartsWith("RF2014", StringComparison.Ordinal));
    }

    [Fact]
    public void The_order_in_which_two_logins_of_one_moment_are_told_does_not_matter_for_others()
    {
        // Ten accounts, each with its own phone and network: whichever is told first, each has its own memory.
        var forward = new KnownAccounts(new DetectionSettings());
        var backward = new KnownAccounts(new DetectionSettings());
        for (var i = 0; i < 10; i++)
        {
            Login(forward, i);
            Login(backward, 9 - i);
        }

        Assert.Equal(Lines(forward), Lines(backward));

        static void Login(KnownAccounts known, int i) => known.LogIn(
            Event(EventKind.LoginSucceeded, Address.FromIPv4((uint)(i + 1) << 8), i, Encoding.ASCII.GetBytes($"{i}"), Encoding.ASCII.GetBytes(Letters(i))), (uint)i, default);

        static IEnumerable<string> Lines(KnownAccounts known) => KnownAccountsText.Write(known).Split('\n').Order(StringComparer.Ordinal);
    }

    private static List<string> Random(Judge judge, int seedOf)
    {
        var seed = new Random(seedOf);
        var sink = new Judge.Sink(judge);
        EventKind[] kinds = [EventKind.LoginSucceeded, EventKind.PasswordRefused, EventKind.AccountUnknown, EventKind.ChallengeSent, EventKind.PacketMalformed, EventKind.ScannerSeen];
        for (var i = 0; i < 50_000; i++)
        {
            var account = Encoding.ASCII.GetBytes($"{1000 + seed.Next(40)}");
            var agent = Encoding.ASCII.GetBytes(Letters(seed.Next(6)));
            sink.See(Event(kinds[seed.Next(kinds.Length)], Address.FromIPv4(0xc0000200u + (uint)seed.Next(64) + ((uint)seed.Next(64) << 8)), i * 30, account, agent));
        }

        return judge.Decisions.ConvertAll(decision => $"{decision.Rule} {decision.Subject} {decision.Time:O} {decision.Reason}");
    }

    private static Judge NewJudge()
    {
        var settings = new DetectionSettings();
        return new Judge(new Detector(settings), new Decider(Trial.Exact, settings, new BanLedger(Trial.Exact, 1)));
    }

    private static PbxEvent Event(EventKind kind, Address source, int second, ReadOnlySpan<byte> account, ReadOnlySpan<byte> agent) => new()
    {
        Kind = kind,
        Origin = Origin.Sip,
        Service = Service.Pjsip,
        Transport = Transport.Tcp,
        Proof = Proof.Proven,
        Source = source,
        Port = 5060,
        TimeTicks = Start + (second * TimeSpan.TicksPerSecond),
        Line = second + 1,
        Account = account,
        Session = account,
        UserAgent = agent,
        Record = account,
    };

    private static string Letters(int number) => string.Concat(number.ToString(System.Globalization.CultureInfo.InvariantCulture).Select(digit => (char)('a' + digit - '0')));
}
