using System.Security.Cryptography;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;

namespace Ringfence.Commands;

/// <summary>What <c>init --write-hep</c> changes in Asterisk's configuration, so that it tells Ringfence of every SIP message.</summary>
/// <param name="Password">For hep.conf and ringfence.conf alike.</param>
/// <param name="Files">Path and new text; empty: Asterisk tells already.</param>
internal sealed record HepSetup(string Password, IReadOnlyList<(string Path, string Text)> Files)
{
    private const string Letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

    /// <summary>Changes nothing.</summary>
    /// <exception cref="MistakeException">There is somebody else's hep.conf, or something that an operator alone may change.</exception>
    /// <exception cref="WorldFailedException">This Asterisk has no HEP.</exception>
    public static HepSetup Plan(MachineSurvey survey, IConfigFiles files)
    {
        if (survey.Hep is not { State: not HepState.Absent } hep)
        {
            throw new WorldFailedException("--write-hep: this Asterisk has no res_hep_pjsip.so; without --write-hep the wire shows what HEP would: interface in [wire]");
        }

        if (hep.State == HepState.Other)
        {
            throw new MistakeException(
                $"{hep.CaptureSetting}: capture_address is \"{Shown.Text(hep.CaptureAddress!)}\": HEP can have only one, and this is not from here. If it is Ringfence's, write listen and password into [hep] by hand; if it is a collector that you want, leave it and use [wire]; else remove hep.conf and begin again");
        }

        if (hep.Forbidden is { } place)
        {
            throw new MistakeException($"{place}: noload keeps HEP's modules off: remove the line and begin again");
        }

        if (hep.State == HepState.Own)
        {
            return new HepSetup(hep.Password, Modules(survey, hep, files));
        }

        var password = RandomNumberGenerator.GetString(Letters, 24);
        return new HepSetup(password, [($"{survey.AsteriskDirectory}/hep.conf", HepConf.Text(password)), .. Modules(survey, hep, files)]);
    }

    /// <summary>Writes the files; of each that was there a copy stays beside it.</summary>
    /// <returns>The copies.</returns>
    public IReadOnlyList<string> Write(string asteriskDirectory, TimeProvider clock)
    {
        var backups = new List<string>();
        var other = Array.Find([Path.Combine(asteriskDirectory, "pjsip.conf"), Path.Combine(asteriskDirectory, "asterisk.conf")], File.Exists);
        foreach (var (path, text) in Files)
        {
            if (File.Exists(path))
            {
                backups.Add(KeptCopy.Of(path, clock));
            }

            // Asterisk, which is not root, must read it, and nobody else need.
            AtomicFile.WriteAllText(path, text, ownerOf: other);
        }

        return backups;
    }

    private static IReadOnlyList<(string Path, string Text)> Modules(MachineSurvey survey, HepConf hep, IConfigFiles files)
    {
        if (hep.Unloaded.Count == 0)
        {
            return [];
        }

        var path = $"{survey.AsteriskDirectory}/modules.conf";
        return files.Read(path) is { } before && hep.ModulesText(Encoding.UTF8.GetString(before)) is { } text
            ? [(path, text)]
            : throw new MistakeException($"{path}: autoload is off and there is no [modules] to add to: load {string.Join(" and ", hep.Unloaded)} by hand and begin again");
    }
}
