namespace Ringfence.Core.Pbx;

/// <summary>What manager.conf says about who may write into a log.</summary>
internal static class ManagerConf
{
    /// <summary>webenabled lets a manager's name hold line ends, and with them whole lines of a log.</summary>
    /// <param name="directory">Asterisk's configuration directory.</param>
    /// <returns>true also for a file that can't be read: it may say yes.</returns>
    public static bool IsOverHttp(string directory, IConfigFiles files)
    {
        var manager = AsteriskConfig.Read("manager.conf", directory, files);
        return !manager.Exists || manager.Problems.Count > 0 || manager.Named("general").Any(section => AsteriskBool.IsTrue(section["webenabled"]));
    }
}
