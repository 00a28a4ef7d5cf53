using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Ringfence.Enforcement;
using Ringfence.Journal;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Tests.Daemon;

/// <summary>A pipeline and the keeper of its trust, on a clock of the test's own, with an Asterisk that is a script.</summary>
internal sealed class TrustRig : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-trust-").FullName;
    private readonly System.Threading.Channels.Channel<SourceBatch> _batches = SourceBatch.NewChannel();

    public TrustRig(TrustSettings? trust = null, IReadOnlyList<Network>? own = null)
    {
        Config = new RingfenceConfig { AsteriskDirectory = _directory, Trust = trust ?? new TrustSettings { Contacts = false, SshPeers = false } };
        ByHand = new OperatorTrust(Path.Combine(_directory, "trust.json"), TimeProvider.System, NullLogger<OperatorTrust>.Instance);
        Pipeline = new Pipeline(
            Config,
            TimeZoneInfo.Utc,
            managerOverHttp: false,
            ledgerKey: 0,
            _batches.Reader,
            Journal,
            Firewall,
            new Announcer(new Screen(new Commands.Console().Surroundings(TextWriter.Null, TextWriter.Null))),
            Clock,
            NullLogger<Pipeline>.Instance)
        {
            Own = () => own ?? [],
        };
        Names = new DnsNames([], Clock, NullLogger<DnsNames>.Instance, (name, _) =>
            Task.FromResult(Addresses.TryGetValue(name, out var address) ? [System.Net.IPAddress.Parse(address)] : Array.Empty<System.Net.IPAddress>()));
        Keeper = new TrustKeeper(Config, Pipeline, ByHand, Names, Cli, Clock, NullLogger<TrustKeeper>.Instance);
    }

    public static CancellationToken Stop => Xunit.TestContext.Current.CancellationToken;

    public ManualTime Clock { get; } = new();

    public RingfenceConfig Config { get; }

    public MemoryJournal Journal { get; } = new();

    public MemoryFirewall Firewall { get; } = new();

    public OperatorTrust ByHand { get; }

    public Pipeline Pipeline { get; }

    public DnsNames Names { get; }

    public TrustKeeper Keeper { get; }

    /// <summary>What the resolver answers.</summary>
    public Dictionary<string, string> Addresses { get; } = [];

    public static Network Host(string address) => Network.Parse(address)!.Value;

    /// <summary>A file in Asterisk's configuration directory.</summary>
    public void File(string name, string text) => System.IO.File.WriteAllText(Path.Combine(_directory, name), text);

    public ContactWatch Phones() => new(Config, Cli, Clock, NullLogger.Instance);

    private AsteriskCli Cli => new(Path.Combine(_directory, "asterisk"), _directory, TimeProvider.System);

    /// <summary>What the program asterisk does from now on.</summary>
    public void Asterisk(string script)
    {
        var path = Path.Combine(_directory, "asterisk");
        Script.Write(path + ".new", "#!/bin/sh\n" + script);
        System.IO.File.Move(path + ".new", path, overwrite: true);
    }

    public Ban Ban(string address, string rule = "RF2001") =>
        new(0, Clock.GetUtcNow(), Host(address), rule, "5 wrong passwords", Clock.GetUtcNow() + TimeSpan.FromHours(1), 1);

    public void Dispose()
    {
        Keeper.Dispose();
        Pipeline.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    internal sealed class MemoryJournal : IJournal
    {
        public List<Decision> Written { get; } = [];

        public JournalStatus Status => new(Written.Count, 0, 0, null);

        public IReadOnlyList<Decision> Append(IReadOnlyList<Decision> decisions)
        {
            Written.AddRange(decisions);
            return decisions;
        }

        public void Append(IReadOnlyList<Outcome> outcomes)
        {
        }

        public void Save(IReadOnlyList<ReadPosition> positions)
        {
        }

        public IReadOnlyList<ReadPosition> Positions() => [];

        public IReadOnlyList<Ban> ActiveBans(DateTimeOffset now, bool withObserved = false) => [.. Written.GroupBy(decision => decision.Subject).Select(group => group.Last()).OfType<Ban>()];

        public IReadOnlyList<Ban> BansSince(DateTimeOffset since, bool withObserved = false) => [.. Written.OfType<Ban>()];

        public IReadOnlyList<Unban> ForgivenSince(DateTimeOffset since) => [];

        public IReadOnlyList<Decision> Latest(int count) => [.. Written.TakeLast(count).Reverse()];

        public IReadOnlyList<(Decision Decision, IReadOnlyList<Outcome> Outcomes)> About(Network network) => [];

        public int Purge(DateTimeOffset before) => 0;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    internal sealed class MemoryFirewall : IFirewall
    {
        /// <summary>What the kernel holds.</summary>
        public HashSet<Network> Kernel { get; } = [];

        /// <summary>Everything that was ever put into it.</summary>
        public HashSet<Network> Ever { get; } = [];

        public int Strangers { get; set; }

        /// <summary>It can't be asked what it holds.</summary>
        public bool IsMute { get; set; }

        public FirewallStatus Status => new("nftables", Kernel.Count, 0, 0, null) { Strangers = Strangers };

        public ValueTask StartAsync(IReadOnlyList<ActiveBan> bans, CancellationToken stop)
        {
            Kernel.UnionWith(bans.Select(ban => ban.Subject));
            Ever.UnionWith(Kernel);
            return ValueTask.CompletedTask;
        }

        public ValueTask<IReadOnlyList<Outcome>> ApplyAsync(IReadOnlyList<Decision> decisions, CancellationToken stop)
        {
            Kernel.UnionWith(decisions.OfType<Ban>().Select(ban => ban.Subject));
            Ever.UnionWith(Kernel);
            Kernel.ExceptWith(decisions.OfType<Unban>().Select(unban => unban.Subject));
            return new([.. decisions.Select(decision => new Outcome(decision.Id, decision.Time, OutcomeKind.Enforced, ""))]);
        }

        public Task WatchAsync(CancellationToken stop) => Task.CompletedTask;

        public IReadOnlyList<ActiveBan> Standing() => IsMute ? throw new FirewallException("the kernel does not answer") : [.. Kernel.Select(subject => new ActiveBan(subject, null))];

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Lets the pipeline read these lines of a log, and ends it.</summary>
    public async Task ReadAsync(string lines)
    {
        var bytes = Encoding.UTF8.GetBytes(lines);
        var pooled = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(pooled, 0);
        _batches.Writer.TryWrite(new RawBatch("/var/log/asterisk/security_json", new LogIdentity(1, 1, 0), 0, pooled, bytes.Length) { StartsFile = true });
        _batches.Writer.Complete();
        await Pipeline.RunAsync(Stop);
    }
}
