namespace Ringfence.SystemTests.Asterisk;

/// <summary>The configuration of an Asterisk that has little more than a dialplan.</summary>
internal static class PlanLab
{
    private static readonly string[] Modules =
    [
        "func_dialplan.so", "func_callerid.so", "func_strings.so", "func_logic.so", "func_cut.so", "func_global.so", "func_timeout.so", "app_stack.so", "app_verbose.so", "app_exec.so",
        "app_while.so", "app_originate.so", "res_clioriginate.so", "app_read.so", "app_authenticate.so",
    ];

    public static void Write(string directory, string dialplan)
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
