namespace Ringfence.Core.Catalogue;

/// <summary>Which part of Asterisk reads an object, which says what a wrong option costs.</summary>
internal enum OptionReading
{
    /// <summary>C code that asks for the names that it knows: an unknown one has no effect.</summary>
    Plain,

    /// <summary>main/config_options.c: one wrong option and nothing of the file is taken; what was there before, or the defaults, hold.</summary>
    WholeFile,

    /// <summary>res/res_sorcery_config.c: one wrong option and the object is not there.</summary>
    Sorcery,
}
