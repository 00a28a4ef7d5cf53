using System.Globalization;
using Ringfence.Core.Events;
using Ringfence.Core.Perimeter;
using Ringfence.Enforcement;

namespace Ringfence.Perimeter;

/// <summary>The policy on disk, beside the journal: scripts of nft that replace the table whole.</summary>
/// <remarks>
/// A boot loads what was confirmed, and nothing else: a policy on trial is not among what a restart brings back.
/// </remarks>
internal sealed class PolicyFiles(string directory)
{
    // USER_HZ is 100 on every architecture that .NET runs on (sysconf(_SC_CLK_TCK)).
    private const int TicksPerSecond = 100;

    // Longer than a policy with countries takes to load.
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(30);

    private const UnixFileMode Directory750 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    private const string RulesSign = "# rules ";

    public static PolicyFiles Beside(string journal) => new(Path.Combine(Path.GetDirectoryName(journal) ?? "/", "firewall"));

    public string Confirmed => Path.Combine(directory, "confirmed.nft");

    public string Previous => Path.Combine(directory, "previous.nft");

    /// <summary>The script of a generation that is tried: each has its own, so that nobody confirms another one than he tried.</summary>
    public string OnTrial(string generation) => Path.Combine(directory, $"trial-{generation}.nft");

    /// <summary>Everybody else's rules as they were before the last apply, for people.</summary>
    public string Before => Path.Combine(directory, "before-apply.nft");

    public static string? Read(string path) => File.Exists(path) ? File.ReadAllText(path) : null;

    /// <summary>What the names of the confirmed policy stood for; nothing where this user may not read it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Address>> ConfirmedNames()
    {
        try
        {
            return Read(Confirmed) is { } script ? NftPolicy.AnswersIn(script) : NameAnswers.Nothing;
        }
        catch (Exception unreadable) when (FileTrouble.Is(unreadable))
        {
            return NameAnswers.Nothing;
        }
    }

    /// <summary>Keeps others from changing the policy at the same time, until it is disposed: two at once would put their rules into one generation.</summary>
    /// <exception cref="FirewallException">Somebody else has been at it for too long.</exception>
    public async Task<IDisposable> LockAsync(TimeProvider clock, CancellationToken stop)
    {
        Directory.CreateDirectory(directory, Directory750);
        var path = Path.Combine(directory, "lock");
        for (var since = clock.GetTimestamp(); ;)
        {
            try
            {
                // flock(2), which goes with its process. The guard, which is not root, may read what root made.
                return File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None) : new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (clock.GetElapsedTime(since) < LockPatience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), clock, stop);
            }
            catch (IOException e)
            {
                throw new FirewallException($"somebody else has been changing the firewall's policy for {LockPatience.TotalSeconds} s ({path}): try again", e);
            }
        }
    }

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(directory, Directory750);
        AtomicFile.WriteAllText(path, text, ownerOf: directory);
    }

    /// <summary>When a trial began, in ticks since the boot, as the kernel counts them for processes; null: not known, or before the boot.</summary>
    public long? TrialBegan(string generation) =>
        Read(OnTrial(generation))?.Split('\n', 2)[0].Split(' ') is ["#", "began", var boot, var ticks] && boot == BootId() && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var began) ? began : null;

    /// <param name="rules">What the kernel made of it (<see cref="PolicyFingerprint"/>); null: it has not been told yet.</param>
    public void BeginTrial(string generation, string script, string? rules = null) =>
        Write(OnTrial(generation), string.Create(CultureInfo.InvariantCulture, $"# began {BootId()} {TicksSinceBoot()}\n{(rules is null ? "" : $"{RulesSign}{rules}\n")}{script}"));

    /// <returns>null: the script was written before that was noted.</returns>
    public static string? RulesIn(string script) => script.Split('\n', 4).FirstOrDefault(static line => line.StartsWith(RulesSign, StringComparison.Ordinal))?[RulesSign.Length..];

    /// <summary>Whether one was begun and not ended by anybody.</summary>
    public bool HasTrial => Directory.Exists(directory) && Directory.EnumerateFiles(directory, "trial-*.nft").Any();

    /// <summary>Trials that are over, or never began.</summary>
    /// <param name="but">The one that is on; null: none is.</param>
    public void ForgetTrials(string? but)
    {
        foreach (var file in Directory.Exists(directory) ? Directory.GetFiles(directory, "trial-*.nft").Where(file => but is null || file != OnTrial(but)) : [])
        {
            File.Delete(file);
        }
    }

    /// <summary>Has what is tried on the disk as what will be confirmed, before the kernel is told: then only a name is left to change.</summary>
    /// <exception cref="IOException">It can't be written, or is not there.</exception>
    public void PrepareConfirm(string generation)
    {
        Write(Prepared, Read(OnTrial(generation)) ?? throw new FirewallException($"{OnTrial(generation)} is gone, so a boot could not load what is tried: ringfence firewall apply tries it again"));
        if (Read(Confirmed) is { } before)
        {
            Write(Previous, before);
        }
    }

    /// <summary>What was prepared is what a boot loads, and what was confirmed before is what a rollback goes back to.</summary>
    public void Confirm()
    {
        File.Move(Prepared, Confirmed, overwrite: true);
        ForgetTrials(but: null);
    }

    private string Prepared => Path.Combine(directory, "confirmed.new");

    /// <summary>Puts the policy of before in the place of the confirmed one.</summary>
    public void GoBack() => File.Move(Previous, Confirmed, overwrite: true);

    public void Forget()
    {
        File.Delete(Confirmed);
        File.Delete(Previous);
        File.Delete(Prepared);
        ForgetTrials(but: null);
    }

    // proc_uptime(5): the clock that /proc/PID/stat counts by.
    private static long TicksSinceBoot() => (long)(double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture) * TicksPerSecond);

    // random(4): another one after each boot.
    private static string BootId()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception unreadable) when (FileTrouble.Is(unreadable))
        {
            return "";
        }
    }
}
