using System.Net;
using System.Net.Sockets;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class DnsNamesTests
{
    private readonly Dictionary<string, Func<IPAddress[]>> _answers = [];
    private readonly List<string> _messages = [];

    [Fact]
    public async Task A_name_stands_for_its_last_answer()
    {
        var names = Names("trunk.example.com");
        _answers["trunk.example.com"] = () => [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("::ffff:192.0.2.7"), IPAddress.Parse("2001:db8::7")];
        await names.LookUpAllAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["192.0.2.7", "2001:db8::7"], names.Names.Single().Addresses.Select(address => address.ToString()));

        _answers["trunk.example.com"] = () => [IPAddress.Parse("192.0.2.8")];
        await names.LookUpAllAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["192.0.2.8"], names.Names.Single().Addresses.Select(address => address.ToString()));
    }

    [Fact]
    public async Task A_failed_lookup_keeps_the_last_good_answer_and_is_said_once()
    {
        var names = Names("trunk.example.com");
        _answers["trunk.example.com"] = () => [IPAddress.Parse("192.0.2.7")];
        await names.LookUpAllAsync(TestContext.Current.CancellationToken);

        _answers["trunk.example.com"] = () => throw new SocketException((int)SocketError.TryAgain);
        await names.LookUpAllAsync(TestContext.Current.CancellationToken);
        await names.LookUpAllAsync(TestContext.Current.CancellationToken);

        var name = names.Names.Single();
        Assert.Equal(["192.0.2.7"], name.Addresses.Select(address => address.ToString()));
        Assert.NotNull(name.Problem);
        Assert.False(name.NeverResolved);
        Assert.Single(_messages, message => message.StartsWith("2121 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_that_never_resolved_is_said_and_hinders_no_other()
    {
        var names = Names("no such name", "empty.example.com", "good.example.com");
        _answers["no such name"] = () => Dns.GetHostAddresses(new string((char)120, 300));
        _answers["empty.example.com"] = () => [];
        _answers["good.example.com"] = () => [IPAddress.Parse("192.0.2.9")];
        await names.LookUpAllAsync(TestContext.Current.CancellationToken);

        Assert.Equal([true, true, false], names.Names.Select(name => name.NeverResolved));
        Assert.Equal(2, _messages.Count(message => message.StartsWith("2120 ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.53")]
    [InlineData("169.254.1.1")]
    [InlineData("224.0.0.251")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fe80::1")]
    [InlineData("ff02::1")]
    [InlineData("198.51.100.1")]
    [InlineData(":: 0.0.0.0")]
    public async Task An_answer_that_is_nobody_is_none_is_said_and_the_last_addresses_stay(string answer)
    {
        var names = Names("admin.example.com");
        _answers["admin.example.com"] = () => [IPAddress.Parse("192.0.2.7")];
        await names.LookUpAllAsync(TestContext.Current.CancellationToken);
        _answers["admin.example.com"] = () => [.. answer.Split(' ').Select(IPAddress.Parse)];
        await names.LookUpAllAsync(TestContext.Current.CancellationToken);

        var name = names.Names.Single();
        Assert.Equal(["192.0.2.7"], name.Addresses.Select(static address => address.ToString()));
        Assert.Contains(answer.Replace("::ffff:", "", StringComparison.Ordinal).Replace(" ", ", ", StringComparison.Ordinal), name.Problem, StringComparison.Ordinal);
        Assert.Single(_messages, static message => message.StartsWith("2121 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_an_answer_that_is_nobody_in_part_the_rest_counts_and_localhost_is_this_machine()
    {
        var names = Names("admin.example.com", "localhost");
        _answers["admin.example.com"] = () => [IPAddress.Parse("fe80::7"), IPAddress.Parse("192.0.2.7"), IPAddress.IPv6Any];
        _answers["localhost"] = () => [IPAddress.Loopback, IPAddress.IPv6Loopback];
        await names.LookUpAllAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["192.0.2.7", "::1 127.0.0.1"], names.Names.Select(static name => string.Join(' ', name.Addresses)));
    }

    [Fact]
    public async Task An_answer_of_more_addresses_than_a_name_has_is_none()
    {
        var names = Names("flood.example.com");
        _answers["flood.example.com"] = () => [.. Enumerable.Range(0, 64).Select(static i => IPAddress.Parse($"192.0.2.{i + 1}"))];
        await names.LookUpAllAsync(TestContext.Current.CancellationToken);
        _answers["flood.example.com"] = () => [.. Enumerable.Range(0, 65).Select(static i => IPAddress.Parse($"203.0.113.{i + 1}"))];
        await names.LookUpAllAsync(TestContext.Current.CancellationToken);

        var name = names.Names.Single();
        Assert.Equal(64, name.Addresses.Count);
        Assert.Equal("192.0.2.1", name.Addresses[0].ToString());
        Assert.Equal("the answer has 65 addresses: expected at most 64", name.Problem);
    }

    [Fact]
    public async Task Names_are_looked_up_again_every_five_minutes_until_stopped()
    {
        var rounds = 0;
        var time = new JumpingTime();
        using var stop = new CancellationTokenSource();
        var names = new DnsNames(["a.example.com"], time, new ListLogger<DnsNames>(_messages), (_, _) =>
        {
            if (++rounds == 3)
            {
                stop.Cancel();
            }

            return Task.FromResult<IPAddress[]>([IPAddress.Parse("192.0.2.9")]);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => names.RunAsync(stop.Token).WaitAsync(TailRig.Patience, TestContext.Current.CancellationToken));

        Assert.Equal(3, rounds);
        Assert.All(time.Waits.Where(wait => wait > TimeSpan.FromSeconds(15)), wait => Assert.Equal(TimeSpan.FromMinutes(5), wait));
    }

    [Fact]
    public async Task After_a_restart_without_a_resolver_a_name_stands_for_its_last_answer_and_is_asked_again_soon()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("rf-names-").FullName, "names");
        _answers["trunk.example.com"] = () => [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("2001:db8::7")];
        await Keeping(path, TimeProvider.System).LookUpAllAsync(TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        _answers["trunk.example.com"] = () =>
        {
            stop.Cancel();
            throw new SocketException((int)SocketError.TryAgain);
        };

        var time = new JumpingTime();
        var next = Keeping(path, time);
        Assert.Equal(["192.0.2.7", "2001:db8::7"], next.Names.Single().Addresses.Select(address => address.ToString()));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.RunAsync(stop.Token).WaitAsync(TailRig.Patience, TestContext.Current.CancellationToken));

        Assert.Equal(["192.0.2.7", "2001:db8::7"], next.Names.Single().Addresses.Select(address => address.ToString()));
        Assert.Contains(TimeSpan.FromSeconds(5), time.Waits);
        Assert.Single(_messages, message => message.StartsWith("2121 ", StringComparison.Ordinal));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void What_stands_in_the_file_of_names_ends_in_bounded_answers_whatever_it_is()
    {
        var sample = NameMemory.Text([new ResolvedName("trunk.example.com", [Ringfence.Core.Events.Address.Parse("192.0.2.7")!.Value, Ringfence.Core.Events.Address.Parse("2001:db8::7")!.Value], DateTimeOffset.UnixEpoch.AddYears(56), null)]);
        Assert.Equal("trunk.example.com", Assert.Single(NameMemory.Parse(sample)).Name);
        var random = new Random(20261121);
        for (var round = 0; round < 20_000; round++)
        {
            var text = (sample + sample).ToCharArray().ToList();
            for (var change = random.Next(1, 8); change > 0; change--)
            {
                var at = random.Next(text.Count);
                switch (random.Next(3))
                {
                    case 0:
                        text[at] = "\t\n0:9.f\0\u00ff "[random.Next(10)];
                        break;
                    case 1:
                        text.RemoveAt(at);
                        break;
                    default:
                        text.InsertRange(at, text.Skip(random.Next(text.Count)).Take(100).ToList());
                        break;
                }
            }

            Assert.All(NameMemory.Parse(new string([.. text])), name => Assert.InRange(name.Addresses.Count, 1, 64));
        }
    }

    private DnsNames Keeping(string path, TimeProvider time) => new(
        ["trunk.example.com"], time, new ListLogger<DnsNames>(_messages), (name, _) => Task.FromResult(_answers[name]()), new NameMemory(path, new ListLogger<NameMemory>(_messages)));

    [Fact]
    public async Task A_name_that_never_resolved_is_asked_again_within_seconds_then_more_and_more_seldom()
    {
        var rounds = 0;
        var time = new JumpingTime();
        using var stop = new CancellationTokenSource();
        var names = new DnsNames(["late.example.com"], time, new ListLogger<DnsNames>(_messages), (_, _) =>
        {
            if (++rounds == 11)
            {
                stop.Cancel();
            }

            return rounds == 9 ? Task.FromResult<IPAddress[]>([IPAddress.Parse("192.0.2.9")]) : throw new SocketException((int)SocketError.TryAgain);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => names.RunAsync(stop.Token).WaitAsync(TailRig.Patience, TestContext.Current.CancellationToken));

        Assert.Equal([5, 10, 20, 40, 80, 160, 300, 300, 300, 300], time.Waits.Where(wait => wait != TimeSpan.FromSeconds(15)).Select(wait => wait.TotalSeconds).Take(10));
    }

    private DnsNames Names(params string[] names) =>
        new(names, TimeProvider.System, new ListLogger<DnsNames>(_messages), (name, _) => Task.FromResult(_answers[name]()), nobody: static _ => [Ringfence.Core.Events.Network.Parse("198.51.100.1")!.Value]);

    /// <summary>A clock on which every pause is over at once; the limit of a lookup is never reached.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        public List<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime);
            return base.CreateTimer(callback, state, dueTime == TimeSpan.FromSeconds(15) ? TimeSpan.FromHours(1) : TimeSpan.Zero, period);
        }
    }
}
