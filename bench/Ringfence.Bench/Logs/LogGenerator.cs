using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Bench.Logs;

/// <summary>A log of an attacked Asterisk 22: attackers come in bursts, some try often and most a few times; phones register steadily.</summary>
internal static class LogGenerator
{
    private const uint AttackerBlock = (198u << 24) | (18u << 16);
    private const uint PhoneBlock = (192u << 24) | (2u << 8);
    private const int AttackerAddresses = 131_070;

    private static readonly byte[][] Names =
    [
        .. new[] { "admin", "test", "guest", "asterisk", "pbx", "voip", "sip", "user", "root", "operator", "trunk", "fax" }.Select(Encoding.ASCII.GetBytes),
    ];

    private enum Kind
    {
        Refusal,
        Challenge,
        Phone,
    }

    public static void Write(LogRecipe recipe, Stream target)
    {
        var random = new SplitMix(recipe.Seed);
        var attackers = Attackers(recipe, random);
        var phones = Enumerable.Range(1, recipe.Phones).Select(i => Peer.At(PhoneBlock, i)).ToArray();
        var schedule = Schedule(recipe, random);
        var start = recipe.Start.ToUnixTimeMilliseconds();
        using var writer = new LineWriter(target);
        var lines = new LogLines(writer, random);
        Span<byte> account = stackalloc byte[16];
        foreach (var entry in schedule)
        {
            lines.Clock.Set(start + (long)(entry >> 32));
            var who = (int)(uint)entry >> 2;
            switch ((Kind)(entry & 3))
            {
                case Kind.Refusal:
                    Refuse(lines, attackers[who], Guess(account, random), recipe, random);
                    break;
                case Kind.Challenge:
                    lines.ChallengeSent(attackers[who], Guess(account, random));
                    break;
                case Kind.Phone:
                    LogIn(lines, phones[who], Number(account, 1001 + who), random);
                    break;
            }
        }
    }

    private static Peer[] Attackers(LogRecipe recipe, SplitMix random)
    {
        var ipv6 = (int)(recipe.Attackers * recipe.IPv6Share);
        var places = Enumerable.Range(1, AttackerAddresses).ToArray();
        random.Shuffle<int>(places);
        Peer[] attackers =
        [
            .. places.Take(recipe.Attackers - ipv6).Select(place => Peer.At(AttackerBlock, place)),
            // 2001:db8:a:X::N: each in a /64 of its own mostly.
            .. Enumerable.Range(1, ipv6).Select(n => new Peer(new Address(new UInt128(0x2001_0db8_000a_0000 + (ulong)random.Below(65_536), (ulong)n)))),
        ];
        random.Shuffle<Peer>(attackers);
        return attackers;
    }

    // Each entry: the millisecond from the start in the upper half, who and what in the lower; so sorting numbers is sorting by time.
    private static ulong[] Schedule(LogRecipe recipe, SplitMix random)
    {
        var refusals = (int)(recipe.Lines * recipe.AttackShare);
        var challenges = (recipe.Lines - refusals) / 4;
        var span = recipe.Span.TotalMilliseconds;
        var schedule = new ulong[recipe.Lines];
        var next = 0;
        void Add(double at, int who, Kind kind) => schedule[next++] = ((ulong)(at % span) << 32) + ((ulong)(uint)who << 2) + (ulong)kind;

        // Tries are heavy-tailed: a Pareto distribution with the exponent 1.3, cut at 60 times the least.
        var weights = new double[recipe.Attackers];
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = Math.Min(Math.Pow(1 - random.Share(), -1 / 1.3), 60);
        }

        var perWeight = refusals / weights.Sum();
        var due = 0.0;
        for (var who = 0; who < weights.Length; who++)
        {
            due += weights[who] * perWeight;
            var tries = (who == weights.Length - 1 ? refusals : (int)due) - next;
            var at = random.Share() * span;
            var gap = 200 + (random.Share() * 3800);
            for (var i = 0; i < tries; i++)
            {
                Add(at + (i * gap), who, Kind.Refusal);
            }
        }

        for (var i = 0; i < challenges; i++)
        {
            Add(random.Share() * span, random.Below(recipe.Attackers), Kind.Challenge);
        }

        while (next < schedule.Length)
        {
            Add(random.Share() * span, random.Below(recipe.Phones), Kind.Phone);
        }

        Array.Sort(schedule);
        return schedule;
    }

    private static void Refuse(LogLines lines, Peer peer, ReadOnlySpan<byte> account, LogRecipe recipe, SplitMix random)
    {
        if (random.Share() < recipe.NoticeShare)
        {
            var why = random.Below(100) switch
            {
                < 80 => "No matching endpoint found"u8,
                < 95 => "Failed to authenticate"u8,
                _ => "Error to authenticate"u8,
            };
            lines.Notice(peer, account, random.Below(10) < 7 ? "REGISTER"u8 : "INVITE"u8, why, isConsole: random.Below(2) == 0);
            return;
        }

        switch (random.Below(100))
        {
            case < 50:
                lines.InvalidAccount(peer, account);
                break;
            case < 78:
                lines.ChallengeResponseFailed(peer, account);
                break;
            case < 94:
                lines.InvalidPassword(peer, account);
                break;
            default:
                lines.FailedAcl(peer, account);
                break;
        }
    }

    // One login in a hundred is mistyped.
    private static void LogIn(LogLines lines, Peer phone, ReadOnlySpan<byte> account, SplitMix random)
    {
        switch (random.Below(200))
        {
            case < 100:
                lines.ChallengeSent(phone, account);
                break;
            case < 199:
                lines.SuccessfulAuth(phone, account);
                break;
            default:
                lines.ChallengeResponseFailed(phone, account);
                break;
        }
    }

    // Four of five guess a number.
    private static ReadOnlySpan<byte> Guess(Span<byte> room, SplitMix random) =>
        random.Below(5) < 4 ? Number(room, 100 + random.Below(9000)) : Names[random.Below(Names.Length)];

    private static ReadOnlySpan<byte> Number(Span<byte> room, int number)
    {
        System.Buffers.Text.Utf8Formatter.TryFormat(number, room, out var written);
        return room[..written];
    }
}
