using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Pbx;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Keeps the list of who is trusted current: own addresses, name servers and gateways, ssh peers, names, trunks, registered phones, what the operator said.</summary>
internal sealed partial class TrustKeeper(
    RingfenceConfig config, Pipeline pipeline, OperatorTrust byHand, DnsNames names, AsteriskCli asterisk, TimeProvider clock, ILogger<TrustKeeper> logger)
{
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(15);

    // Every second turn, so every half minute: a phone that has just logged in is spared for longer than that (RecentLogins.Grace).
    private const int Seldom = 2;

    private readonly SshPeers _ssh = new(clock);
    private readonly ConfigDirectory _files = new();
    private IReadOnlyList<TrustEntry> _own = [];
    private IReadOnlyList<RegisteredContact> _contacts = [];
    private TrunkReading _trunks = new([], []);
    private IReadOnlySet<string> _rewritten = new HashSet<string>();
    private HashSet<TrustEntry> _last = [];
    private volatile string? _contactProblem;
    private int _skipped;

    /// <summary>The names that trunks have, for <see cref="DnsNames"/>, beside those of the configuration.</summary>
    public static IEnumerable<string> Names(RingfenceConfig config) =>
        config.Trust.Names.Concat(config.Trust.Trunks
            ? Trunks.Read(config.AsteriskDirectory, new ConfigDirectory()).Hosts.Where(host => host.Name is not null).Select(host => host.Name!)
            : []);

    /// <summary>Whom it should know and does not, for status; null when all is well. From any thread.</summary>
    public string? Problem => ProblemOf(names.Names, _contactProblem);

    /// <param name="contacts">Why the registered phones are not known; null: they are.</param>
    public static string? ProblemOf(IReadOnlyList<ResolvedName> names, string? contacts)
    {
        List<string> problems = contacts is null ? [] : [$"registered phones are not known ({contacts}), so they have no protection of their own"];
        problems.AddRange(names.Where(name => name.Problem is not null).Select(name => name.NeverResolved
            ? $"{Shown.Text(name.Name)} can't be resolved ({name.Problem}), so it protects nobody"
            : $"{Shown.Text(name.Name)} can't be resolved ({name.Problem}); its last {name.Addresses.Count} addresses stay trusted"));
        return problems.Count == 0 ? null : string.Join("; ", problems);
    }

    /// <summary>Reads everything once; the guard begins only then.</summary>
    public async Task BeginAsync(CancellationToken stop)
    {
        await names.LookUpAllAsync(stop);
        await ReadSeldomAsync(stop);
        await PublishAsync(stop);
    }

    /// <summary>A part for <see cref="Supervisor"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Often, clock);
        for (var turn = 1; await timer.WaitForNextTickAsync(stop); turn++)
        {
            if (turn % Seldom == 0)
            {
                await ReadSeldomAsync(stop);
            }

            await PublishAsync(stop);
        }
    }

    private async Task ReadSeldomAsync(CancellationToken stop)
    {
        _own = [.. OwnAddresses.Read().Select(network => new TrustEntry(network, "address of this machine", TrustSource.Own)), .. new VitalPeers().Read()];
        if (config.Trust.Trunks)
        {
            _trunks = Trunks.Read(config.AsteriskDirectory, _files);
        }

        if (!config.Trust.Contacts)
        {
            return;
        }

        if (_contactProblem is not null && _skipped++ < 10)
        {
            // No Asterisk to ask: starting its program costs more than all the rest of an idle guard, so it is tried every five minutes.
            return;
        }

        _skipped = 0;
        _rewritten = ContactTrust.RewrittenContacts(config.AsteriskDirectory, _files);
        var reading = await new RegisteredContacts(asterisk).ReadAsync(stop);
        if (reading.Problem is null)
        {
            _contacts = reading.Contacts;
        }

        if (reading.Problem != _contactProblem)
        {
            _contactProblem = reading.Problem;
            if (reading.Problem is not null)
            {
                LogContacts(reading.Problem);
            }
        }
    }

    /// <summary>Hands the pipeline a new list if anything changed; also after the operator's own change.</summary>
    public async Task PublishAsync(CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        List<TrustEntry> entries =
        [
            .. _own,
            .. TrustEntries.Configured(config.Trust, Resolved),
            .. TrustEntries.Trunks(_trunks, Resolved),
            // From the last answer, so that a contact ends with its registration also while Asterisk does not answer.
            .. ContactTrust.Entries(_contacts, now, _rewritten, contact => pipeline.Sessions.Find(contact.Endpoint, contact.CallId)),
            .. byHand.TrustedAt(now),
        ];
        if (config.Trust.SshPeers)
        {
            entries.AddRange(_ssh.Read().Select(peer => new TrustEntry(Network.Of(peer), "ssh session", TrustSource.SshPeer)));
        }

        if (_last.SetEquals(entries))
        {
            return;
        }

        _last = [.. entries];
        await pipeline.TrustAsync(new TrustList(entries), stop);
    }

    private IReadOnlyList<Address> Resolved(string name) =>
        names.Names.FirstOrDefault(known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase))?.Addresses ?? [];

    [LoggerMessage(2320, LogLevel.Warning, "{Problem}: registered phones are not known, and get no protection of their own")]
    private partial void LogContacts(string problem);
}
