using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Keeps the list of who is trusted current: own addresses, name servers and gateways, ssh peers, names, trunks, registered phones, what the operator said.</summary>
internal sealed class TrustKeeper(
    RingfenceConfig config, Pipeline pipeline, OperatorTrust byHand, DnsNames names, AsteriskCli asterisk, TimeProvider clock, ILogger<TrustKeeper> logger) : IDisposable
{
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Hourly = TimeSpan.FromHours(1);
    private static readonly TimeSpan AtStart = TimeSpan.FromSeconds(4);

    private readonly SshPeers _ssh = new(clock);
    private readonly ContactWatch _phones = new(config, asterisk, clock, logger);

    // The operator's command and the look that is due come when they like; the older of two readings must not be the last that is published.
    private readonly SemaphoreSlim _publishing = new(1, 1);
    private TrunkReading _trunks = new([], []);
    private long? _seldomRead;
    private long? _accountsRead;
    private HashSet<TrustEntry> _last = [];

    /// <summary>Who is trusted without asking anybody, so before the first ban: this machine, what is configured by address, what the operator said.</summary>
    /// <param name="names">What an earlier run's answers say of names.</param>
    public static TrustList AtOnce(RingfenceConfig config, OperatorTrust byHand, DnsNames names, DateTimeOffset now)
    {
        var trunks = ReadTrunks(config);
        names.Follow(NamesOf(config, trunks));
        return new TrustList(
        [
            .. Machine(),
            .. TrustEntries.Configured(config.Trust, name => Resolved(names, name)),
            .. TrustEntries.Trunks(trunks, name => Resolved(names, name)),
            .. byHand.TrustedAt(now),
        ]);
    }

    private static IEnumerable<string> NamesOf(RingfenceConfig config, TrunkReading trunks) =>
        [.. config.Trust.Names, .. trunks.Hosts.Select(host => host.Name).OfType<string>()];

    /// <summary>Whom it should know and does not, for status; null when all is well. From any thread.</summary>
    public string? Problem => (byHand.Problem, ProblemOf(names.Names, _phones.Problem)) switch
    {
        ({ } unread, { } unknown) => $"{unread}; {unknown}",
        var (unread, unknown) => unread ?? unknown,
    };

    /// <param name="contacts">Why the registered phones are not known; null: they are.</param>
    public static string? ProblemOf(IReadOnlyList<ResolvedName> names, string? contacts)
    {
        List<string> problems = contacts is null ? [] : [$"registered phones are not known ({contacts}), so those that were not seen to log in over HEP or on the wire have no protection of their own"];
        problems.AddRange(names.Where(name => name.Problem is not null).Select(name => name.NeverResolved
            ? $"{Shown.Text(name.Name)} can't be resolved ({name.Problem}), so it protects nobody"
            : $"{Shown.Text(name.Name)} can't be resolved ({name.Problem}); its last {name.Addresses.Count} addresses stay trusted"));
        return problems.Count == 0 ? null : string.Join("; ", problems);
    }

    /// <summary>Reads everything once; the guard begins only then. A resolver that does not answer, and an Asterisk, keep it for some seconds each and no longer.</summary>
    public async Task BeginAsync(CancellationToken stop)
    {
        ReadSeldom();
        await names.LookUpAllAsync(AtStart, stop);
        await LookAsync(stop);
    }

    /// <summary>A part for <see cref="Supervisor"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(_phones.Rest < Often ? _phones.Rest : Often, clock, stop);
            await LookAsync(stop);
        }
    }

    public void Dispose() => _publishing.Dispose();

    private async Task LookAsync(CancellationToken stop)
    {
        ReadSeldom();
        await _phones.AskIfDueAsync(stop);
        await PublishAsync(stop);
    }

    private void ReadSeldom()
    {
        if (_seldomRead is { } read && clock.GetElapsedTime(read) < Seldom)
        {
            return;
        }

        _seldomRead = clock.GetTimestamp();
        _trunks = ReadTrunks(config);
        names.Follow(NamesOf(config, _trunks));
        if (_accountsRead is not { } accounts || clock.GetElapsedTime(accounts) >= Hourly)
        {
            _accountsRead = _seldomRead;
            pipeline.Configure(SipAccounts.Read(config.AsteriskDirectory, new ConfigDirectory()));
        }
    }

    /// <summary>Hands the pipeline a new list if anything changed; also after the operator's own change.</summary>
    public async Task PublishAsync(CancellationToken stop)
    {
        await _publishing.WaitAsync(stop);
        try
        {
            var entries = Entries();
            var isNew = !_last.SetEquals(entries);
            if (isNew)
            {
                await pipeline.TrustAsync(new TrustList(entries), stop);
                _last = [.. entries];
            }

            await pipeline.FreeStrangersAsync(isNew, stop);
        }
        finally
        {
            _publishing.Release();
        }
    }

    private List<TrustEntry> Entries()
    {
        var now = clock.GetUtcNow();
        List<TrustEntry> entries =
        [
            .. Machine(),
            .. TrustEntries.Configured(config.Trust, name => Resolved(names, name)),
            .. TrustEntries.Trunks(_trunks, name => Resolved(names, name)),
            .. ContactTrust.Entries(_phones.Contacts.Where(contact => !pipeline.Sessions.IsLate(contact.Endpoint, contact.CallId)), now, _phones.Rewritten, contact => pipeline.Sessions.Find(contact.Endpoint, contact.CallId), address => pipeline.Late.Has(address.Subject, now)),
            .. byHand.TrustedAt(now),
        ];
        if (config.Trust.Contacts && (_phones.Problem is not null || _phones.Contacts.Count == 0))
        {
            // Asterisk's own list is the better one; it can't be asked, or keeps its contacts elsewhere (a database).
            entries.AddRange(pipeline.Registrations.Entries(now));
        }

        if (config.Trust.SshPeers)
        {
            entries.AddRange(_ssh.Read().Select(peer => new TrustEntry(Network.Of(peer), "ssh session", TrustSource.SshPeer)));
        }

        return entries;
    }

    private static IEnumerable<TrustEntry> Machine() =>
        [.. OwnAddresses.Read().Select(network => new TrustEntry(network, OwnAddresses.Reason, TrustSource.Own)), .. new VitalPeers().Read()];

    private static TrunkReading ReadTrunks(RingfenceConfig config) =>
        config.Trust.Trunks ? Trunks.Read(config.AsteriskDirectory, new ConfigDirectory()) : new TrunkReading([], []);

    private static IReadOnlyList<Address> Resolved(DnsNames names, string name) =>
        names.Names.FirstOrDefault(known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase))?.Addresses ?? [];
}
