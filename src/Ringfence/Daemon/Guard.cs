using System.Text;
using Microsoft.Extensions.Logging.Console;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Ringfence.Core.Pbx;
using Ringfence.Core.Perimeter;
using Ringfence.Enforcement;
using Ringfence.Feeds;
using Ringfence.Journal;
using Ringfence.Notifiers;
using Ringfence.Outer;
using Ringfence.Output;
using Ringfence.Perimeter;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>The daemon's beginning and end: puts the parts together, and lets the supervisor run them.</summary>
internal static partial class Guard
{
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(GuardOptions options, PrintSettings settings, CancellationToken stop)
    {
        var config = options.Config;
        var clock = settings.Clock;
        using var loggers = Logging();
        var log = loggers.CreateLogger("ringfence");
        var zone = config.TimeZone is { } name ? TimeZoneInfo.FindSystemTimeZoneById(name) : clock.LocalTimeZone;
        var logs = Logs(config, log);
        List<string> doors = [.. config.Doors.SelectMany(door => door.Logs).Select(Path.GetFullPath)];

        using var systemd = Systemd.OfProcess(clock, loggers.CreateLogger<Systemd>());
        var stateDirectory = Path.GetDirectoryName(Path.GetFullPath(config.Journal.Path))!;
        await using var journal = SqliteJournal.Open(
            config.Journal.Path,
            clock,
            loggers.CreateLogger("ringfence.journal"),
            new JournalLimits { MaxBytes = config.Journal.MaxBytes, Memory = config.Bans.Remembered });

        // A hundred thousand take as long as all that has to be done before they are needed.
        var startedAt = clock.GetUtcNow();
        var inForce = Task.Factory.StartNew(() => journal.InForce(startedAt), CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Default);
        var observeOnly = options.Observe || (config.Bans.ObserveOnly && !options.Enforce);
        var sipPorts = SipPorts.Of(config.Wire, config.AsteriskDirectory, new ConfigDirectory());
        Nftables NewNftables() => new(config.Firewall, NftCommand.Own, NetlinkSocket.Open, clock, loggers.CreateLogger<Nftables>(), SipLimits.Of(config.Firewall, sipPorts));
        IFirewall firewall = observeOnly ? new Observing(clock, NetlinkSocket.Open) : NewNftables();

        using var notices = new Notices(config.Notify, Path.Combine(stateDirectory, "notices.db"), clock, loggers.CreateLogger<Notices>());
        notices.CatchUp(journal);
        var announcer = new Announcer(new Screen(settings));
        var batches = SourceBatch.NewChannel();
        var byHand = new OperatorTrust(Path.Combine(stateDirectory, "trust.json"), clock, loggers.CreateLogger<OperatorTrust>());
        var names = new DnsNames([], clock, loggers.CreateLogger<DnsNames>(), memory: new NameMemory(Path.Combine(stateDirectory, "names"), loggers.CreateLogger<NameMemory>()));
        var atOnce = TrustKeeper.AtOnce(config, byHand, names, clock.GetUtcNow());
        Pipeline NewPipeline(IFirewall wall) => new(PageDoor.Beside(config), zone, ManagerConf.IsOverHttp(config.AsteriskDirectory, new ConfigDirectory()), LedgerKey(), batches.Reader, journal, wall, announcer, clock, loggers.CreateLogger<Pipeline>(), sipPorts) { Notices = notices, InForce = inForce };
        var pipeline = NewPipeline(firewall);
        var patience = new FirewallStart(clock, log);
        try
        {
            await patience.TryAsync(() => pipeline.RestoreAsync(atOnce, stop), stop);
        }
        catch (FirewallException problem) when (!options.Enforce)
        {
            LogObserving(log, problem.Message);
            announcer.Post(new Span($"OBSERVING ONLY: {problem.Message}", Tone.Warning));
            pipeline.Dispose();
            await firewall.DisposeAsync();
            firewall = new Observing(clock, NetlinkSocket.Open, problem.Message);
            pipeline = NewPipeline(firewall);
            await pipeline.RestoreAsync(atOnce, stop);
        }

        using var pipelineEnd = pipeline;
        await using var firewallEnd = firewall;
        using var keeper = new TrustKeeper(
            config, pipeline, byHand, names, new AsteriskCli("asterisk", config.AsteriskDirectory, clock), clock, loggers.CreateLogger<TrustKeeper>());
        await keeper.BeginAsync(stop);

        var accounts = pipeline.Accounts is { } known ? new AccountKeeper(Path.Combine(stateDirectory, "accounts"), known, pipeline, clock, loggers.CreateLogger<AccountKeeper>()) : null;
        accounts?.Load();
        var tail = new FileTail(logs.Concat(doors), journal.Positions(), batches.Writer, clock, loggers.CreateLogger<FileTail>());
        List<JournalFollower> journals = [.. config.Doors.Where(door => door.Journal is not null).Select(door =>
            new JournalFollower(door, journal.Positions().FirstOrDefault(position => position.Path == door.JournalName), batches.Writer, clock))];
        var hep = config.Hep.Listen is { } listen ? new HepReceiver(listen, batches.Writer, clock) : null;
        var wire = config.Wire.IsUsed ? new WireReceiver(config.Wire, sipPorts, batches.Writer, clock) : null;
        if (hep is not null)
        {
            pipeline.Hep!.Misses = () => hep.Drops.IsRecent;
        }

        if (wire is not null)
        {
            pipeline.Wire!.Misses = () => !wire.SeesAll || wire.Drops.IsRecent;
            pipeline.Wire.SeesAll = () => wire.SeesAll;
        }

        // Of users that are in the configuration no more something may still be open.
        var roamers = Path.Combine(stateDirectory, "roaming");
        using var roaming = (config.Roaming.IsUsed || File.Exists(roamers)) && !observeOnly
            ? new RoamingWatch(config.Roaming, new RoamingDoor(NftCommand.Own, NetlinkSocket.Open, clock), roamers, clock, loggers.CreateLogger<RoamingWatch>())
            : null;

        // A guard that is to enforce and can't, can't block by lists either: it ends when it can (below).
        using var lists = new ListKeeper(
            config.Feeds,
            stateDirectory,
            firewall is Nftables kernel ? () => new ListTable(NftCommand.Own, NetlinkSocket.Open, clock, kernel.Unheard) : null,
            () => NeverListedOf(pipeline.Trust, config.Perimeter, roaming?.Proven ?? []),
            clock,
            loggers.CreateLogger<ListKeeper>());
        // A guard that observes tells nobody: what it would ban is not banned.
        var current = new CurrentBans();
        List<OuterFirewall> outer = firewall is Nftables ? [.. config.Outer.Select(one => new OuterFirewall(one, stateDirectory, current, clock, loggers.CreateLogger<OuterFirewall>()))] : [];
        var supervisor = new Supervisor(clock, loggers.CreateLogger<Supervisor>());
        var calls = CallParts.Add(supervisor, config, !observeOnly, stateDirectory, zone, notices, announcer, clock, loggers.CreateLogger("ringfence.calls"));
        pipeline.LoggedInElsewhere = (account, time) => calls?.LoggedInElsewhere(account, time);

        // What other doors write knows nothing of a SIP request.
        var canary = config.Canary.Interval > TimeSpan.Zero ? new CanaryWatch(config, config.Canary.Account ?? new CanaryName(Path.Combine(stateDirectory, "canary_account"), loggers.CreateLogger<CanaryName>()).Take(), pipeline, () => [.. tail.Paths.Except(doors)], clock) : null;
        var pulse = new Pulse(() => pipeline.Turns, clock);
        var policy = new PolicyTable(["nft"], PolicyFiles.Beside(config.Journal.Path), clock, () => MachinePolicy.CountriesOf(config));
        var policyKeeper = new PolicyKeeper(
            config, policy, new DnsNames([], clock, loggers.CreateLogger<DnsNames>(), memory: new NameMemory(Path.Combine(stateDirectory, "policy-names"), loggers.CreateLogger<NameMemory>()), nobody: MachinePolicy.NobodyOf(config)), () => pipeline.Trust.Entries, NetlinkSocket.Open, clock, loggers.CreateLogger<PolicyKeeper>());

        var countries = config.Geo.Urls.Count + config.Geo.Databases.Count == 0 ? null
            : new GeoKeeper(config, clock, loggers.CreateLogger<GeoKeeper>());
        var scannersMark = Path.Combine(stateDirectory, "scanners");
        var scanners = !observeOnly && (config.Firewall.DropScanners || File.Exists(scannersMark))
            ? new ScannerDrop([], sipPorts.Clear, (config.Detection.Fingerprints ?? Core.Sip.Fingerprints.BuiltIn).AgentsAlone, scannersMark, clock, loggers.CreateLogger<ScannerDrop>())
            : null;
        var desk = new Desk(pipeline, journal, firewall, byHand, keeper, () => [.. tail.Status, .. journals.Select(follower => follower.Status)], () => supervisor.Parts, clock) { Calls = calls, Hep = hep, Policy = policyKeeper, Countries = countries, Wire = wire, Notices = notices, Canary = canary, Pulse = pulse, Lists = config.Feeds.Count > 0 ? lists : null, Outer = outer, Roaming = config.Roaming.IsUsed ? roaming : null, Scanners = config.Firewall.DropScanners ? scanners : null, Weakness = () => LogWeakness.Of(config, [.. tail.Paths.Except(doors)], new ConfigDirectory()), Staleness = () => options.File?.Staleness };
        supervisor.AddVital("pipeline", pipeline.RunAsync);
        supervisor.Add("pulse", pulse.RunAsync);
        supervisor.Add("logs", tail.RunAsync);
        foreach (var follower in journals)
        {
            supervisor.Add(follower.Status.Path, follower.RunAsync);
        }

        if (config.Logs.Count == 0)
        {
            supervisor.Add("logger.conf", new LoggerWatch(config.AsteriskDirectory, doors, tail, clock, log).RunAsync);
        }

        if (hep is not null)
        {
            supervisor.Add("hep", hep.RunAsync);
        }

        if (config.Ami.User is not null)
        {
            supervisor.Add("ami", new AmiClient(config.Ami, batches.Writer, clock).RunAsync);
        }

        if (wire is not null)
        {
            supervisor.Add("wire", wire.RunAsync);
        }

        if (canary is not null)
        {
            supervisor.Add("canary", canary.RunAsync);
        }

        if (roaming is not null)
        {
            supervisor.Add("roaming door", roaming.KeepOpenAsync);
        }

        if (roaming is not null && config.Roaming.Users.Any(static user => user.Key is not null))
        {
            supervisor.Add("knock", roaming.ListenAsync);
        }

        using var page = roaming is not null && config.Roaming.Page.Listen is not null
            ? new DoorPage(config.Roaming.Page, config.Roaming.Users, (user, address) => roaming.OpenAsync(user, address, stop), address => PageDoor.TellAsync(address, batches.Writer, clock, stop), clock, loggers.CreateLogger<DoorPage>())
            : null;
        if (page is not null)
        {
            roaming!.Page = () => page.Counts;
            supervisor.Add("page", page.RunAsync);
        }

        if (scanners is not null)
        {
            supervisor.Add("scanners", config.Firewall.DropScanners ? scanners.RunAsync : scanners.CleanAsync);
        }

        supervisor.Add("firewall", firewall.WatchAsync);
        supervisor.Add("blocklists", lists.RunAsync);
        foreach (var feed in lists.Feeds)
        {
            supervisor.Add($"feed {feed.Settings.Name}", feed.RunAsync);
        }

        AddOuter(supervisor, outer, firewall is Nftables && config.BanList.Listen is not null ? new BanListServer(config.BanList, current, clock) : null, new BanWatch(pipeline, current, clock));
        if (!observeOnly && firewall is Observing && systemd.IsHeard)
        {
            supervisor.AddVital("enforcing again", token => patience.AwaitAsync(
                async trying =>
                {
                    await using var wall = NewNftables();
                    await wall.TrustAsync(Unlimited.NetworksOf(pipeline.Trust), trying);
                    await wall.StartAsync(journal.InForce(clock.GetUtcNow()), trying);
                },
                token));
        }

        if (countries is not null)
        {
            supervisor.Add("countries", countries.RunAsync);
        }

        if (!observeOnly)
        {
            supervisor.Add("policy", policyKeeper.RunAsync);
        }

        supervisor.Add("trust", keeper.RunAsync);
        supervisor.Add("names", names.RunAsync);
        if (accounts is not null)
        {
            supervisor.Add("accounts", accounts.RunAsync);
        }

        var listening = false;
        supervisor.Add("api", token => ApiServer.ServeAsync(desk, config.Socket, () => Volatile.Write(ref listening, true), loggers, token));
        supervisor.Add("announcer", announcer.RunAsync);
        AddNotices(supervisor, notices, desk, clock);
        supervisor.Add("purge", token => PurgeAsync(journal, config.JournalMemory, clock, token));
        if (systemd is { IsHeard: true, WatchdogInterval: not null })
        {
            supervisor.Add("watchdog", token => systemd.WatchdogAsync(() => pipeline.Turns, token));
        }

        if (systemd.IsHeard)
        {
            var status = new ServiceStatus(desk, systemd, () => Volatile.Read(ref listening) && tail.Status.All(state => state.State != TailState.Starting), clock);
            supervisor.Add("service status", status.RunAsync);
        }

        List<string> watched = [.. logs, .. doors, .. config.Doors.Where(door => door.Journal is not null).Select(door => door.JournalName)];
        var mode = firewall.Status switch
        {
            { Mode: "observe", Elements: > 0 and var standing } => $"observing: nobody is banned anew, and {Words.Count(standing, "ban")} of an earlier enforcing guard still {(standing == 1 ? "blocks" : "block")}: ringfence unban ADDRESS lifts one",
            { Mode: "observe" } => "observing, banning nobody",
            _ => "enforcing",
        };
        announcer.Post($"ringfence {Versions.Own} guards {(watched.Count == 0 ? "nothing: no log is known" : string.Join(", ", watched))}; {mode}");
        await supervisor.RunAsync(stop);
        accounts?.Save();
        calls?.Save();
        outer.ForEach(one => one.Dispose());
        systemd.Stopping();
        await announcer.EndAsync(screen => Farewell.Text(pipeline.Bans.At(clock.GetUtcNow()), firewall.Status, screen));
        return ExitCode.Fine;
    }

    // A phone or a session comes and goes: the kernel lets those in, and the lists are not merged anew for each.
    private static NeverListed NeverListedOf(TrustList trust, PerimeterSettings perimeter, IEnumerable<Network> roaming) => new(
        [.. trust.Entries.Where(entry => entry.Source < TrustSource.SshPeer).Select(entry => (entry.Network, entry.Reason)), .. perimeter.Welcome],
        [.. trust.Entries.Select(entry => entry.Network), .. perimeter.Welcome.Select(static one => one.Network), .. roaming]);

    private static void AddOuter(Supervisor supervisor, List<OuterFirewall> outer, BanListServer? list, BanWatch watch)
    {
        if (outer.Count == 0 && list is null)
        {
            return;
        }

        supervisor.Add("bans", watch.RunAsync);
        foreach (var one in outer)
        {
            supervisor.Add($"outer {one.Settings.Name}", one.RunAsync);
        }

        if (list is not null)
        {
            supervisor.Add("list", list.RunAsync);
        }
    }

    private static void AddNotices(Supervisor supervisor, Notices notices, Desk desk, TimeProvider clock)
    {
        if (notices.Receivers.Count == 0)
        {
            return;
        }

        supervisor.Add("notices", notices.RunAsync);
        supervisor.Add("alarms", new AlarmWatch(desk, notices, clock).RunAsync);
        foreach (var receiver in notices.Receivers)
        {
            supervisor.Add($"notify {receiver.Name}", receiver.RunAsync);
        }
    }

    /// <summary>The logs that the configuration names, or the best of those that Asterisk writes.</summary>
    private static IReadOnlyList<string> Logs(RingfenceConfig config, ILogger log)
    {
        if (config.Logs.Count > 0)
        {
            return config.Logs;
        }

        var plan = LoggerConf.Read(config.AsteriskDirectory, new ConfigDirectory(), Environment.MachineName);
        foreach (var advice in plan.Advice)
        {
            LogAdvice(log, advice);
        }

        if (plan.Watch.Count == 0)
        {
            LogBlind(log, config.AsteriskDirectory);
        }

        return [.. plan.Watch.Select(choice => choice.Path)];
    }

    // To standard error, which systemd hands to the journal; the decisions go to standard output (Announcer).
    private static ILoggerFactory Logging() => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        builder.AddConsole(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;

            // A pipe that nobody reads must not stop the guard: the default, Wait, holds up whoever logs once 2,500 messages wait. What is dropped is counted there.
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
        if (Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 })
        {
            builder.AddSystemdConsole();
        }
        else
        {
            builder.AddSimpleConsole(line =>
            {
                line.SingleLine = true;
                line.TimestampFormat = "yyyy-MM-dd HH:mm:ss ";
            });
        }
    });

    // The random part of a ban must not be foreseen: the machine's id is not known outside.
    private static ulong LedgerKey()
    {
        const string Path = "/etc/machine-id";
        return File.Exists(Path) ? LogIdentity.Checksum(Encoding.ASCII.GetBytes(File.ReadAllText(Path))) : 0;
    }

    private static async Task PurgeAsync(SqliteJournal journal, TimeSpan keep, TimeProvider clock, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(10), clock);
        do
        {
            // In small steps, so that a ban never waits for it.
            while (journal.Purge(clock.GetUtcNow() - keep) > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), clock, stop);
            }
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    [LoggerMessage(2330, LogLevel.Warning, "Observing only: {Problem}")]
    private static partial void LogObserving(ILogger log, string problem);

    [LoggerMessage(2331, LogLevel.Warning, "{Advice}")]
    private static partial void LogAdvice(ILogger log, string advice);

    [LoggerMessage(2332, LogLevel.Error, "No log to watch: {Directory}/logger.conf names none; set log in ringfence.conf")]
    private static partial void LogBlind(ILogger log, string directory);
}
