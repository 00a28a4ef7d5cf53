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

    [Fact]
    public async Task An_answer_of_thousands_of_addresses_is_cut()
    {
        var names = Names("flood.example.com");
        _answers["flood.example.com"] = () => [.. Enumerable.Range(0, 5000).Select(i => new IPAddress(i + 1))];
        await names.LookUpAllAsync(TestContext.Current.CancellationToken);

        Assert.Equal(64, names.Names.Single().Addresses.Count);
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

            return Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => names.RunAsync(stop.Token).WaitAsync(TailRig.Patience, TestContext.Current.CancellationToken));

        Assert.Equal(3, rounds);
        Assert.All(time.Waits.Where(wait => wait > TimeSpan.FromSeconds(10)), wait => Assert.Equal(TimeSpan.FromMinutes(5), wait));
    }

    private DnsNames Names(params string[] names) =>
        new(names, TimeProvider.System, new ListLogger<DnsNames>(_messages), (name, _) => Task.FromResult(_answers[name]()));

    /// <summary>A clock on which five minutes pass at once; shorter limits are never reached.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        public List<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime);
            return base.CreateTimer(callback, state, dueTime == TimeSpan.FromMinutes(5) ? TimeSpan.Zero : TimeSpan.FromHours(1), period);
        }
    }
}
