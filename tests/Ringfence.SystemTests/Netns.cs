using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Ringfence.SystemTests;

/// <summary>A network namespace that a test made for itself and that goes with it: its own interfaces, addresses, sockets and nftables.</summary>
/// <remarks>A socket stays in the namespace that its thread was in when it was made (man 7 network_namespaces), so
/// <see cref="Run{T}"/> can open one there and the rest of the test may use it from anywhere.</remarks>
internal sealed partial class Netns : IDisposable
{
    private const int CloneNewNet = 0x40000000;

    // What runs here takes milliseconds, a set of 100,000 elements a second or two.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static int _count;

    private Netns(string name) => Name = name;

    /// <value>rf-PURPOSE-PID-NUMBER: no two runs share one.</value>
    public string Name { get; }

    /// <summary>Put before a command's own arguments, this runs it inside.</summary>
    public IReadOnlyList<string> Prefix => ["ip", "netns", "exec", Name];

    /// <summary>Makes a namespace with its loopback up. Needs root: ask <see cref="Requires"/> first.</summary>
    /// <param name="purpose">A few letters for the name.</param>
    public static Netns Create(string purpose)
    {
        var made = new Netns($"rf-{purpose}-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
        Execute(["ip", "netns", "add", made.Name]);
        made.Ip("link", "set", "lo", "up");
        return made;
    }

    /// <summary>One that somebody else made and removes: it is not to be disposed of.</summary>
    public static Netns Of(string name) => new(name);

    /// <summary>Joins two namespaces by a cable (veth pair) and gives each end its addresses.</summary>
    /// <param name="here">Addresses with prefix length for this end: "198.51.100.1/24", "2001:db8:1::1/64".</param>
    /// <param name="there">The same for the other end.</param>
    /// <returns>The interface's name, the same at both ends.</returns>
    public string Connect(Netns other, IEnumerable<string> here, IEnumerable<string> there)
    {
        // An interface's name has at most 15 characters, and both ends are born in this namespace's sight only.
        var name = $"v{Interlocked.Increment(ref _count)}";
        Execute(["ip", "link", "add", name, "netns", Name, "type", "veth", "peer", "name", name, "netns", other.Name]);
        Configure(name, here);
        other.Configure(name, there);
        return name;
    }

    /// <summary>Gives an interface addresses and puts it up. IPv6 addresses are usable at once (no duplicate address detection).</summary>
    public void Configure(string link, IEnumerable<string> addresses)
    {
        foreach (var address in addresses)
        {
            string[] noDetection = address.Contains(':', StringComparison.Ordinal) ? ["nodad"] : [];
            Ip(["address", "add", address, "dev", link, .. noDetection]);
        }

        Ip("link", "set", link, "up");
    }

    /// <summary>Runs <c>ip</c> inside.</summary>
    public string Ip(params string[] arguments) => Execute(["ip", "-n", Name, .. arguments]);

    /// <summary>Runs a command inside and waits for its end.</summary>
    /// <returns>Its standard output.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public string Execute(string program, params string[] arguments) => Execute([.. Prefix, program, .. arguments]);

    public string ExecuteWithInput(string input, string program, params string[] arguments) => Execute([.. Prefix, program, .. arguments], input);

    /// <summary>Runs a function on a thread of its own that stands in the namespace.</summary>
    public T Run<T>(Func<T> act) => RunIn(Name, act);

    /// <summary>As <see cref="Run{T}"/>, in a namespace that somebody else made and removes.</summary>
    public static T RunIn<T>(string name, Func<T> act)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;

        // A thread that entered a namespace never returns to the pool: it would take strangers' work there.
        var thread = new Thread(() =>
        {
            try
            {
                using var file = File.OpenHandle($"/run/netns/{name}");
                if (SetNamespace((int)file.DangerousGetHandle(), CloneNewNet) != 0)
                {
                    throw new Win32Exception(Marshal.GetLastPInvokeError());
                }

                result = act();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        if (!thread.Join(Patience))
        {
            throw new TimeoutException($"what was to be done in {name} is not done after {Patience.TotalSeconds} s");
        }

        failure?.Throw();
        return result;
    }

    /// <summary>The interfaces in it go with it; a socket still open in it keeps it alive, without a name, until it is closed.</summary>
    public void Dispose() => Execute(["ip", "netns", "delete", Name]);

    private static string Execute(IReadOnlyList<string> command, string input = "")
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start");
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{string.Join(' ', command)} did not end within {Patience.TotalSeconds} s");
        }

        return process.ExitCode == 0
            ? output.GetAwaiter().GetResult()
            : throw new InvalidOperationException($"{string.Join(' ', command)}: exit {process.ExitCode}: {errors.GetAwaiter().GetResult()}");
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int descriptor, int kind);
}
