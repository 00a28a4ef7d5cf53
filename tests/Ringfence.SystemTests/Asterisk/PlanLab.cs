using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>An Asterisk that has little more than a dialplan; each class of tests writes its own.</summary>
public abstract class PlanLab : IAsyncLifetime
{
    private static readonly string[] Modules =
    [
        "func_dialplan.so", "func_callerid.so", "func_strings.so", "func_logic.so", "func_cut.so", "func_global.so", "func_timeout.so", "app_stack.so", "app_verbose.so", "app_exec.so",
        "app_while.so", "app_originate.so", "res_clioriginate.so", "app_read.so", "app_authenticate.so",
    ];

    private AsteriskLab? _lab;

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Its directory of configuration.</summary>
    private protected string Configuration { get; } = Directory.CreateTempSubdirectory("rf-plan-").FullName;

    /// <summary>It runs; where there is none, the test is one that this machine can't do.</summary>
    private protected AsteriskLab Lab
    {
        get
        {
            _lab!.Require();
            return _lab;
        }
    }

    public async ValueTask InitializeAsync()
    {
        await WriteAsync();
        _lab = new AsteriskLab(Configuration);
        await _lab.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }

        Directory.Delete(Configuration, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>What the Asterisk is to load: <see cref="Write(string, string)"/>, and what else the tests need.</summary>
    private protected abstract Task WriteAsync();

    internal static void Write(string directory, string dialplan)
    {
        foreach (var file in Directory.EnumerateFiles(Repository.File("lab", "conf"), "*.conf"))
        {
            File.Copy(file, Path.Combine(directory, Path.GetFileName(file)));
        }

        File.AppendAllLines(Path.Combine(directory, "modules.conf"), Modules.Select(module => $"load = {module}"));
        // Asterisk drops what it can't write in time; a test reads all of it.
        File.WriteAllText(Path.Combine(directory, "logger.conf"), "[general]\nlogger_queue_limit = 1000000\n[logfiles]\nnotice => notice\nwarning => warning,error\n");
        File.WriteAllText(Path.Combine(directory, "extensions.conf"), dialplan);
    }
}
